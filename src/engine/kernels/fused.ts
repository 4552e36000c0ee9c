/** Registers the fused ops (see `fused-ops.ts`) and their gradients. */
import { floatOf, type FusedOp } from '../fused-ops';
import { refuseSecondOrder } from '../gradients';
import { tf } from '../tf';
import type { Pending, Step } from '../pending';
import type { RetortBackend } from '../webgpu-backend';
import * as attention from './attention';
import * as norm from './batch-norm';
import * as dense from './dense';
import * as grouped from './grouped';
import * as losses from './losses';
import { weightedSum, weightedSumGradient } from './objective';
import { reduce, runOf, sumInShares } from './reduce';
import {
  dispatch,
  later,
  laterAll,
  laterTensor,
  laterTensors,
  release,
  tensorOf,
  tensors,
  withStep,
} from './run';
import { normEpsilon } from './wgsl';

interface Attributes {
  /** Attention: the exponent. */
  p: number;
}

interface Definition {
  /** In the order in which `forward` receives them. */
  inputs: readonly string[];
  /** What `gradients` receives: inputs by name (all, if left out), then outputs by number (none, if left out). */
  saves?: { inputs?: readonly string[]; outputs?: readonly number[] };
  forward: (backend: RetortBackend, inputs: tf.TensorInfo[], attributes: Attributes) => tf.TensorInfo[];
  /** How many outputs there are, if it is not one. */
  outputs?: number;
  /** Per input how its gradient is made, once it is asked for; an input left out is a constant. */
  gradients: (dy: tf.Tensor, saved: tf.Tensor[], attributes: Attributes) => Record<string, () => tf.Tensor>;
}

/** [B,...] as images of so many numbers. */
function imagesOf({ shape }: tf.TensorInfo): [batch: number, size: number] {
  return [shape[0]!, tf.util.sizeFromShape(shape.slice(1))];
}

function rowsOf({ shape }: tf.TensorInfo): norm.Rows {
  const channels = shape.at(-1)!;
  return { rows: tf.util.sizeFromShape(shape) / channels, channels };
}

function mapsOf({ shape }: tf.TensorInfo): attention.Maps {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  return { batch, places: height * width, channels };
}

function groupedShape(x: tf.TensorInfo, kernel: tf.TensorInfo): grouped.GroupedShape {
  const { rows, channels } = rowsOf(x);
  const [inputs, filters] = kernel.shape.slice(2) as [number, number];
  const groups = channels / inputs;
  return { places: rows, groups, inputs, units: filters / groups };
}

function denseShape(x: tf.TensorInfo, kernel: tf.TensorInfo): dense.DenseShape {
  const [batch, inputs] = x.shape as [number, number];
  return { batch, inputs, units: kernel.shape[1]! };
}

/** x, scale, offset -> y, coefficients [4,C] (see `batch-norm.ts`), mean and unbiased variance [C] */
function batchNorm(backend: RetortBackend, inputs: tf.TensorInfo[]): tf.TensorInfo[] {
  const x = inputs[0]!;
  const shape = rowsOf(x);
  const outputs = [[4, shape.channels], [shape.channels], [shape.channels]];
  const parts = norm.sharesOf(shape);
  const rows = (coefficients: tf.TensorInfo, ahead?: Pending['ahead']) =>
    later(backend, x.shape, [x, coefficients], (steps) => norm.normalise(shape, steps), ahead);
  if (parts === 1) {
    const statistics = laterAll(backend, norm.statistics(shape), inputs, outputs);
    const of = statistics[0]!;
    return [rows(of, { of, inputs, kernel: (steps) => norm.batchNorm(shape, steps) }), ...statistics];
  }
  const [sums] = dispatch(backend, norm.statisticShares(shape), [x], [[parts, 2, shape.channels]]);
  const statistics = dispatch(backend, norm.statisticsOfShares(shape), [...inputs, sums!], outputs);
  release(backend, sums!);
  return [rows(statistics[0]!), ...statistics];
}

/** dy, x, coefficients -> gradients of scale, offset and x */
function batchNormGradients(inputs: tf.Tensor[]): [tf.Tensor, tf.Tensor, () => tf.Tensor] {
  const x = inputs[1]!;
  const shape = rowsOf(x);
  const { channels } = shape;
  const [dScale, dOffset] = normParameterGradients(inputs);
  const together = norm.sharesOf(shape) === 1;
  const kernel: Pending['kernel'] = (steps) => norm.gradients(shape, steps);
  const dx = (backend: RetortBackend) => {
    const stored = inputs.map(floatOf);
    const ahead = together ? { of: dScale, inputs: stored, kernel } : undefined;
    const rows: Pending['kernel'] = (steps) => norm.inputGradient({ ...shape, channels }, false, steps);
    return later(backend, x.shape, [...stored, dScale, dOffset], rows, ahead);
  };
  return [dScale, dOffset, () => tensorOf(dx)];
}

/** dy, x, coefficients -> gradients of scale and offset */
function normParameterGradients(inputs: tf.Tensor[]): [tf.Tensor, tf.Tensor] {
  const shape = rowsOf(inputs[1]!);
  const { channels } = shape;
  const outputs = [[channels], [channels]];
  const parts = norm.sharesOf(shape);
  if (parts === 1)
    return laterTensors(inputs, outputs, norm.parameterGradients(shape)) as [tf.Tensor, tf.Tensor];
  const [sums] = tensors(inputs, [[parts, 2, channels]], norm.parameterGradientShares(shape));
  const gradients = tensors([sums!], outputs, norm.parameterGradientsOfShares(shape));
  sums!.dispose();
  return gradients as [tf.Tensor, tf.Tensor];
}

/** scale, offset, mean, variance [C], gradients of scale and offset -> gradients of mean and variance, if they were given. */
function statisticsGradients(numbers: tf.Tensor[], dScale: tf.Tensor, dOffset: tf.Tensor) {
  const [scale, , , variance] = numbers as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const steadied = () => tf.add(variance, normEpsilon);
  return {
    mean: () => tf.neg(tf.mul(dOffset, tf.mul(scale, tf.rsqrt(steadied())))),
    variance: () => tf.mul(dScale, tf.div(scale, tf.mul(steadied(), -2))),
  };
}

const definitions: Record<FusedOp, Definition> = {
  /** x [...,C], scale, offset [C] -> y, coefficients [4,C], batch mean and unbiased variance [C] */
  RetortBatchNorm: {
    inputs: ['x', 'scale', 'offset'],
    outputs: 4,
    saves: { inputs: ['x'], outputs: [1] },
    forward: batchNorm,
    gradients: (dy, saved) => {
      const [scale, offset, x] = batchNormGradients([dy, ...saved]);
      return { x, scale: () => scale, offset: () => offset };
    },
  },
  /** x [...,C], scale, offset, mean, variance [C] -> y */
  RetortNormalise: {
    inputs: ['x', 'scale', 'offset', 'mean', 'variance'],
    forward: (backend, [x, ...numbers]) => [withStep(backend, x!, 'normalise', numbers)],
    gradients: (dy, [x, ...numbers]) => {
      const shape = rowsOf(x!);
      const { channels } = shape;
      const [coefficients] = tensors(numbers, [[4, channels]], norm.givenCoefficients(channels));
      const [dScale, dOffset] = normParameterGradients([dy, x!, coefficients!]);
      return {
        x: () =>
          laterTensor([dy, coefficients!], x!.shape, (steps) => norm.inputGradient(shape, true, steps)),
        scale: () => dScale,
        offset: () => dOffset,
        ...statisticsGradients(numbers, dScale, dOffset),
      };
    },
  },
  /** x [B,H,W,C], kernel [1,1,C/groups,U] -> [B,H,W,U] */
  RetortGroupedConv: {
    inputs: ['x', 'kernel'],
    forward: (backend, [x, kernel]) => {
      const shape = groupedShape(x!, kernel!);
      const output = [...x!.shape.slice(0, -1), kernel!.shape.at(-1)!];
      return [later(backend, output, [x!, kernel!], (steps) => grouped.groupedForward(shape, steps))];
    },
    gradients: (dy, [x, kernel]) => {
      const shape = groupedShape(x!, kernel!);
      const shares = grouped.groupedShares(shape);
      const make = grouped.groupedKernelGradient(shape, shares);
      return {
        x: () => laterTensor([dy, kernel!], x!.shape, (steps) => grouped.groupedInputGradient(shape, steps)),
        kernel: () =>
          tensorOf((backend) => sumInShares(backend, make, [x!, dy].map(floatOf), shares, kernel!.shape)),
      };
    },
  },
  /** x [B,D], kernel [D,U], bias [U] -> [B,U] */
  RetortDense: {
    inputs: ['x', 'kernel', 'bias'],
    forward: (backend, [x, kernel, bias]) => {
      const shape = denseShape(x!, kernel!);
      const output = [shape.batch, shape.units];
      const make = (steps: readonly Step[]) => dense.denseForward(shape, steps);
      return [later(backend, output, [x!, kernel!, bias!], make)];
    },
    gradients: (dy, [x, kernel, bias]) => {
      const shape = denseShape(x!, kernel!);
      const make = dense.denseParameterGradients(shape);
      const [dKernel, dBias] = tensors([x!, dy], [kernel!.shape, bias!.shape], make);
      return {
        x: () => laterTensor([dy, kernel!], x!.shape, (steps) => dense.denseInputGradient(shape, steps)),
        kernel: () => dKernel!,
        bias: () => dBias!,
      };
    },
  },
  RetortRelu: {
    inputs: ['x'],
    saves: { inputs: [], outputs: [0] },
    forward: (backend, [x]) => [withStep(backend, x!, 'relu')],
    gradients: (dy, [y]) => ({
      x: () => tensorOf((backend) => withStep(backend, floatOf(dy), 'mask', [y!])),
    }),
  },
  /** x [B,H,W,C] -> [B,C] */
  RetortGlobalAverage: {
    inputs: ['x'],
    forward: (backend, [x]) => {
      const [batch, , , channels] = x!.shape as [number, number, number, number];
      return [reduce(backend, x!, runOf(x!.shape, [1, 2])!, 'mean', [batch, channels])];
    },
    gradients: (dy, [x]) => {
      const [batch, height, width, channels] = x!.shape as [number, number, number, number];
      const make = (steps: readonly Step[]) => dense.spreadOverPlaces(batch, height * width, channels, steps);
      return { x: () => laterTensor([dy], x!.shape, make) };
    },
  },
  /** logits, labels [B,C] -> [B] */
  RetortCrossEntropy: {
    inputs: ['logits', 'labels'],
    forward: (backend, inputs) => {
      const [batch, classes] = imagesOf(inputs[0]!);
      return dispatch(backend, losses.crossEntropy(batch, classes), inputs, [[batch]]);
    },
    gradients: (dy, [logits, labels]) => ({
      logits: () =>
        laterTensor([dy, logits!, labels!], logits!.shape, (steps) =>
          losses.crossEntropyGradient(...imagesOf(logits!), steps),
        ),
      labels: () => tf.mul(tf.expandDims(tf.neg(dy), 1), tf.logSoftmax(logits as tf.Tensor2D)),
    }),
  },
  /** student, teacher [B,C], temperature [1] -> [B] */
  RetortTemperatureKl: {
    inputs: ['student', 'teacher', 'temperature'],
    forward: (backend, inputs) => {
      const [batch, classes] = imagesOf(inputs[0]!);
      return dispatch(backend, losses.temperatureKl(batch, classes), inputs, [[batch]]);
    },
    gradients: (dy, saved) => {
      const [student, teacher, temperature] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
      const make = (steps: readonly Step[]) => losses.temperatureKlGradient(...imagesOf(student), steps);
      return {
        student: () => laterTensor([dy, ...saved], student.shape, make),
        teacher: () => {
          const log = (logits: tf.Tensor) => tf.logSoftmax(tf.div(logits, temperature) as tf.Tensor2D);
          const p = tf.exp(log(teacher));
          const ratio = tf.sub(log(teacher), log(student));
          const change = tf.mul(p, tf.sub(ratio, tf.sum(tf.mul(p, ratio), 1, true)));
          return tf.mul(change, tf.expandDims(tf.mul(dy, temperature), 1));
        },
      };
    },
  },
  /** losses, weights (one, one per column or one per loss), divisor [] -> [] */
  RetortWeightedLosses: {
    inputs: ['losses', 'weights', 'divisor'],
    forward: (backend, inputs) => {
      const [count, weights] = inputs.map(({ shape }) => tf.util.sizeFromShape(shape)) as [number, number];
      return [later(backend, [], inputs, (steps) => weightedSum({ count, weights }, steps))];
    },
    gradients: (dy, [values, weights, divisor]) => {
      const shape = { count: values!.size, weights: weights!.size };
      return {
        losses: () =>
          laterTensor([dy, weights!, divisor!], values!.shape, (steps) => weightedSumGradient(shape, steps)),
        weights: () => {
          const each = tf.reshape(tf.mul(values!, tf.div(dy, divisor!)), [-1, weights!.size]);
          return tf.reshape(tf.sum(each, 0), weights!.shape);
        },
      };
    },
  },
  /** a, b [B,...] -> [B] mean of (a - b)^2 */
  RetortSquaredDistance: {
    inputs: ['a', 'b'],
    forward: (backend, inputs) => {
      const [batch, size] = imagesOf(inputs[0]!);
      const shares = losses.distanceShares(size);
      const kernel = losses.squaredDistance(batch, size);
      if (shares === 1) return dispatch(backend, kernel, inputs, [[batch]]);
      const [partial] = dispatch(backend, kernel, inputs, [[batch, shares]]) as [tf.TensorInfo];
      const sum = reduce(backend, partial, { outer: batch, length: shares, inner: 1 }, 'sum', [batch]);
      release(backend, partial);
      return [sum];
    },
    gradients: (dy, [a, b]) => {
      const make = (steps: readonly Step[]) => losses.squaredDistanceGradient(...imagesOf(a!), steps);
      return {
        a: () => laterTensor([dy, a!, b!], a!.shape, make),
        b: () => laterTensor([dy, b!, a!], a!.shape, make),
      };
    },
  },
  /** maps [B,H,W,C] -> attention maps [B,H*W] of length one, and the lengths [B] they had */
  RetortAttention: {
    inputs: ['maps'],
    outputs: 2,
    saves: { outputs: [0, 1] },
    forward: (backend, [maps], { p }) => {
      const shape = mapsOf(maps!);
      const output = [shape.batch, shape.places];
      const [means] = dispatch(backend, attention.attentionMeans(shape, p), [maps!], [output]) as [
        tf.TensorInfo,
      ];
      const results = dispatch(backend, attention.attentionLengths(shape), [means], [output, [shape.batch]]);
      release(backend, means);
      return results;
    },
    gradients: (dy, [maps, map, lengths], { p }) => ({
      maps: () => {
        const shape = mapsOf(maps!);
        const means = attention.attentionMeansGradient(shape);
        const [dMeans] = tensors([dy, map!, lengths!], [map!.shape], means);
        return tensors([dMeans!, maps!], [maps!.shape], attention.attentionGradient(shape, p))[0]!;
      },
    }),
  },
};

/** To be called once. */
export function registerFusedKernels(): void {
  for (const [kernelName, definition] of Object.entries(definitions)) {
    const { inputs: names, outputs = 1, saves, forward, gradients } = definition;
    const keeps = Array.from({ length: outputs }, (_, n) => saves?.outputs?.includes(n) ?? false);
    tf.registerKernel({
      kernelName,
      backendName: 'webgpu',
      kernelFunc: ({ backend, inputs, attrs }) =>
        forward(
          backend as RetortBackend,
          names.map((name) => inputs[name]!),
          attrs as unknown as Attributes,
        ),
    });
    tf.registerGradient({
      kernelName,
      inputsToSave: [...(saves?.inputs ?? names)],
      outputsToSave: keeps,
      gradFunc: (dy, saved, attrs) => {
        refuseSecondOrder(kernelName);
        // Further outputs are statistics, through which nothing is differentiated.
        const first = Array.isArray(dy) ? dy[0]! : dy;
        return gradients(first, saved, attrs as unknown as Attributes);
      },
    });
  }
}
