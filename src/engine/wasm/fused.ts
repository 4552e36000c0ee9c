/** The fused ops (see `fused-ops.ts`) on WebAssembly, with their gradients. */
import type { Definition, FusedDefinitions } from '../fused-definition';
import { statisticsGradients } from '../batch-norm';
import { klTeacherGradient } from '../divergence';
import { tf } from '../tf';
import {
  launch,
  matrixGeometry,
  produce,
  scratchFor,
  tensors,
  tilesFor,
  wasmBackend,
  type WasmBackend,
} from './launch';

/** [B,...] as images of this many numbers. */
function imagesOf({ shape }: tf.TensorInfo): [batch: number, size: number] {
  return [shape[0]!, sizeOf(shape.slice(1))];
}

const sizeOf = (shape: readonly number[]): number => tf.util.sizeFromShape([...shape]);

/** A map [B,H,W,C] or [B,C] as rows of channels. */
function rowsOf({ shape }: tf.TensorInfo): [rows: number, channels: number] {
  const channels = shape.at(-1)!;
  return [sizeOf(shape) / channels, channels];
}

/** dy, x, coefficients -> gradients of scale and offset, and of x with batch statistics or with given ones. */
function normGradients(inputs: readonly tf.Tensor[], given: boolean, relu: boolean) {
  const [rows, channels] = rowsOf(inputs[1]!);
  const numbers = [rows, channels, Number(relu)];
  const shapes = [[channels], [channels]];
  const sums = [...numbers, 0, channels];
  const [dScale, dOffset] = tensors('normParameterGradients', inputs, shapes, sums);
  const dx = () =>
    tensors(
      'normInputGradient',
      [...inputs, dScale!, dOffset!],
      [inputs[1]!.shape],
      [...numbers, given ? 0 : rows],
    )[0]!;
  return { dScale: dScale!, dOffset: dOffset!, dx };
}

function denseGradient(
  kernel: 'inputGradient' | 'filterGradient',
  operands: readonly tf.Tensor[],
  shape: readonly number[],
  geometry: readonly number[],
): tf.Tensor {
  const backend = wasmBackend();
  const output = backend.makeOutput(shape, 'float32');
  const tiles = kernel === 'filterGradient' ? tilesFor(backend, geometry) : [];
  launch(backend, kernel, [...operands, output, scratchFor(backend, geometry), ...geometry, ...tiles]);
  return tf.engine().makeTensorFromTensorInfo(output, backend);
}

/** [B,H] -> H vectors [B] */
function columnsOf(from: tf.Tensor): tf.Tensor[] {
  const [rows, columns] = from.shape as [number, number];
  return Array.from(
    { length: columns },
    (_, column) => tensors('columnOf', [from], [[rows]], [rows, columns, column])[0]!,
  );
}

/** logits, operands -> loss per image [B]; and its gradient */
function logitLoss(
  loss: 'crossEntropy' | 'temperatureKl',
  of: string,
  others: (dy: tf.Tensor, saved: tf.Tensor[]) => Record<string, () => tf.Tensor>,
): Definition<WasmBackend> {
  return {
    forward: (backend, inputs) => {
      const [batch, classes] = imagesOf(inputs[0]!);
      return produce(backend, loss, inputs, [[batch]], [batch, classes]);
    },
    gradients: (dy, saved) => {
      const logits = saved[0]!;
      const gradient = () => tensors(`${loss}Gradient`, [dy, ...saved], [logits.shape], imagesOf(logits))[0]!;
      return { [of]: gradient, ...others(dy, saved) };
    },
  };
}

export const fusedOnWasm: FusedDefinitions<WasmBackend> = {
  RetortBatchNorm: {
    forward: (backend, inputs, { relu }) => {
      const x = inputs[0]!;
      const [rows, channels] = rowsOf(x);
      const shapes = [[4, channels], [channels], [channels]];
      const all = [rows, channels, 0, channels];
      const statistics = produce(backend, 'normStatistics', inputs, shapes, all);
      const numbers = [rows, channels, Number(relu ?? false)];
      return [...produce(backend, 'normalise', [x, statistics[0]!], [x.shape], numbers), ...statistics];
    },
    gradients: (dy, saved, { relu }) => {
      const { dScale, dOffset, dx } = normGradients([dy, ...saved], false, relu ?? false);
      return { x: dx, scale: () => dScale, offset: () => dOffset };
    },
  },
  RetortNormalise: {
    forward: (backend, [x, ...numbers], { relu }) => {
      const [rows, channels] = rowsOf(x!);
      const [coefficients] = produce(backend, 'normCoefficients', numbers, [[4, channels]], [channels]);
      const shape = [rows, channels, Number(relu ?? false)];
      const results = produce(backend, 'normalise', [x!, coefficients!], [x!.shape], shape);
      backend.disposeData(coefficients!.dataId);
      return results;
    },
    gradients: (dy, [x, ...numbers], { relu }) => {
      const [, channels] = rowsOf(x!);
      const [coefficients] = tensors('normCoefficients', numbers, [[4, channels]], [channels]);
      const { dScale, dOffset, dx } = normGradients([dy, x!, coefficients!], true, relu ?? false);
      return {
        x: dx,
        scale: () => dScale,
        offset: () => dOffset,
        ...statisticsGradients(numbers, dScale, dOffset),
      };
    },
  },
  RetortDense: {
    forward: (backend, [x, kernel, bias]) => {
      const [batch, inputs] = x!.shape as [number, number];
      const units = kernel!.shape[1]!;
      const geometry = matrixGeometry(batch, inputs, units);
      const output = backend.makeOutput([batch, units], 'float32');
      const scratch = scratchFor(backend, geometry);
      launch(backend, 'convolution', [x!, kernel!, bias!, output, scratch, ...geometry]);
      return [output];
    },
    gradients: (dy, [x, kernel, bias]) => {
      const [batch, units] = dy.shape as [number, number];
      const geometry = matrixGeometry(batch, x!.shape[1]!, units);
      return {
        x: () => denseGradient('inputGradient', [dy, kernel!], x!.shape, geometry),
        kernel: () => denseGradient('filterGradient', [x!, dy], kernel!.shape, geometry),
        bias: () => tensors('sumRows', [dy], [bias!.shape], [batch, units, 1])[0]!,
      };
    },
  },
  RetortRelu: {
    forward: (backend, [x]) => produce(backend, 'relu', [x!], [x!.shape], [sizeOf(x!.shape)]),
    gradients: (dy, [y]) => ({ x: () => tensors('mask', [dy, y!], [dy.shape], [dy.size])[0]! }),
  },
  RetortGlobalAverage: {
    forward: (backend, [x]) => {
      const [batch, height, width, channels] = x!.shape as [number, number, number, number];
      return produce(backend, 'placeMeans', [x!], [[batch, channels]], [batch, height * width, channels]);
    },
    gradients: (dy, [x]) => {
      const [batch, height, width, channels] = x!.shape as [number, number, number, number];
      return { x: () => tensors('spread', [dy], [x!.shape], [batch, height * width, channels])[0]! };
    },
  },
  RetortCrossEntropy: logitLoss('crossEntropy', 'logits', (dy, [logits]) => ({
    labels: () => tf.mul(tf.expandDims(tf.neg(dy), 1), tf.logSoftmax(logits as tf.Tensor2D)),
  })),
  RetortTemperatureKl: logitLoss('temperatureKl', 'student', (dy, saved) => ({
    teacher: () => klTeacherGradient(dy, saved as [tf.Tensor, tf.Tensor, tf.Tensor]),
  })),
  RetortColumns: {
    forward: (backend, vectors) => {
      const [rows, columns] = [vectors[0]!.shape[0]!, vectors.length];
      const output = backend.makeOutput([rows, columns], 'float32');
      vectors.forEach((vector, column) =>
        launch(backend, 'intoColumn', [vector, output, rows, columns, column]),
      );
      return [output];
    },
    gradients: (dy) => Object.fromEntries(columnsOf(dy).map((column, n) => [n, () => column])),
  },
  RetortWeightedLosses: {
    forward: (backend, inputs) => {
      const [count, weights] = inputs.map(({ shape }) => sizeOf(shape)) as [number, number];
      return produce(backend, 'weightedSum', inputs, [[]], [count, weights]);
    },
    gradients: (dy, [values, weights, divisor]) => {
      const numbers = [values!.size, weights!.size];
      return {
        losses: () => tensors('weightedSumGradient', [dy, weights!, divisor!], [values!.shape], numbers)[0]!,
        weights: () => {
          const each = tf.reshape(tf.mul(values!, tf.div(dy, divisor!)), [-1, weights!.size]);
          return tf.reshape(tf.sum(each, 0), weights!.shape);
        },
      };
    },
  },
  RetortObjective: {
    forward: (backend, inputs) => {
      const [batch, hints] = inputs[1]!.shape as [number, number];
      return produce(backend, 'objective', inputs, [[], []], [batch, hints, sizeOf(inputs[2]!.shape)]);
    },
    gradients: (dy, [values, weights, rule]) => {
      const [batch, hints] = values!.shape as [number, number];
      const numbers = [batch, hints, weights!.size];
      const [ce, losses] = tensors(
        'objectiveGradient',
        [dy, weights!, rule!],
        [[batch], values!.shape],
        numbers,
      );
      return { ce: () => ce!, losses: () => losses! };
    },
  },
  RetortSquaredDistance: {
    forward: (backend, inputs) => {
      const [batch, size] = imagesOf(inputs[0]!);
      return produce(backend, 'squaredDistance', inputs, [[batch]], [batch, size]);
    },
    gradients: (dy, [a, b]) => {
      const by = (one: tf.Tensor, other: tf.Tensor) => () =>
        tensors('squaredDistanceGradient', [dy, one, other], [one.shape], imagesOf(one))[0]!;
      return { a: by(a!, b!), b: by(b!, a!) };
    },
  },
  RetortPickedProducts: {
    forward: (backend, inputs) => {
      const [, , numbers] = inputs;
      const [batch, picks] = numbers!.shape as [number, number];
      const width = inputs[0]!.shape[1]!;
      return produce(backend, 'pickedProducts', inputs, [[batch, picks]], [batch, width, picks]);
    },
    gradients: (dy, [table, numbers]) => {
      const [batch, picks] = numbers!.shape as [number, number];
      const width = table!.shape[1]!;
      const sums = () =>
        tensors('pickedSums', [dy, table!, numbers!], [[batch, width]], [batch, width, picks]);
      return { x: () => sums()[0]! };
    },
  },
  RetortResample: {
    forward: (backend, [x], { height, width, nearest }) => {
      const [batch, , , channels] = x!.shape as [number, number, number, number];
      const shape = [batch, height!, width!, channels];
      return produce(backend, 'resample', [x!], [shape], [...x!.shape, height!, width!, Number(nearest)]);
    },
    gradients: (dy, [x], { height, width, nearest }) => ({
      x: () =>
        tensors('resampleGradient', [dy], [x!.shape], [...x!.shape, height!, width!, Number(nearest)])[0]!,
    }),
  },
};
