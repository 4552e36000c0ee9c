/** Registers the fused ops (see `fused-ops.ts`) and their gradients. */
import type { FusedOp } from '../fused-ops';
import { tf } from '../tf';
import type { RetortBackend } from '../webgpu-backend';
import * as attention from './attention';
import * as norm from './batch-norm';
import * as dense from './dense';
import * as losses from './losses';
import { reduce, runOf } from './reduce';
import { dispatch, release, tensors } from './run';

interface Attributes {
  /** Batch norm: with a ReLU after it. */
  relu: boolean;
  /** Attention: the exponent. */
  p: number;
}

interface Definition {
  /** In the order in which `forward` and `gradients` receive them. */
  inputs: readonly string[];
  /** Which outputs `gradients` receives after the inputs. */
  keeps?: boolean[];
  forward: (backend: RetortBackend, inputs: tf.TensorInfo[], attributes: Attributes) => tf.TensorInfo[];
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

function denseShape(x: tf.TensorInfo, kernel: tf.TensorInfo): dense.DenseShape {
  const [batch, inputs] = x.shape as [number, number];
  return { batch, inputs, units: kernel.shape[1]! };
}

/** Gradients of scale and offset; `inputs` are dy, x, scale, offset, mean and variance. */
function normParameterGradients(inputs: tf.Tensor[], shape: norm.Rows, relu: boolean): tf.Tensor[] {
  const { channels } = shape;
  const [sums] = tensors(inputs, [[norm.sharesOf(shape), 2, channels]], norm.gradientSums(shape, relu));
  const gradients = tensors([sums!], [[channels], [channels]], norm.parameterGradients(shape));
  sums!.dispose();
  return gradients;
}

const definitions: Record<FusedOp, Definition> = {
  /** x [...,C], scale, offset [C] -> y, batch mean, biased and unbiased variance [C] */
  RetortBatchNorm: {
    inputs: ['x', 'scale', 'offset'],
    keeps: [false, true, true, false],
    forward: (backend, [x, scale, offset], { relu }) => {
      const shape = rowsOf(x!);
      const channels = [shape.channels];
      const partial = [norm.sharesOf(shape), 2, shape.channels];
      const [sums] = dispatch(backend, norm.momentSums(shape), [x!], [partial]) as [tf.TensorInfo];
      const statistics = dispatch(backend, norm.moments(shape), [x!, sums], [channels, channels, channels]);
      release(backend, sums);
      const inputs = [x!, scale!, offset!, statistics[0]!, statistics[1]!];
      return [...dispatch(backend, norm.normalise(shape, relu), inputs, [x!.shape]), ...statistics];
    },
    gradients: (dy, saved, { relu }) => {
      const x = saved[0]!;
      const shape = rowsOf(x);
      const inputs = [dy, ...saved];
      const parameters = normParameterGradients(inputs, shape, relu);
      const kernel = norm.inputGradient(shape, relu, false);
      return {
        x: () => tensors([...inputs, ...parameters], [x.shape], kernel)[0]!,
        scale: () => parameters[0]!,
        offset: () => parameters[1]!,
      };
    },
  },
  /** x [...,C], scale, offset, mean, variance [C] -> y */
  RetortNormalise: {
    inputs: ['x', 'scale', 'offset', 'mean', 'variance'],
    forward: (backend, inputs, { relu }) =>
      dispatch(backend, norm.normalise(rowsOf(inputs[0]!), relu), inputs, [inputs[0]!.shape]),
    gradients: (dy, saved, { relu }) => {
      const x = saved[0]!;
      const shape = rowsOf(x);
      const inputs = [dy, ...saved];
      return {
        x: () => tensors(inputs, [x.shape], norm.inputGradient(shape, relu, true))[0]!,
        scale: () => normParameterGradients(inputs, shape, relu)[0]!,
        offset: () => normParameterGradients(inputs, shape, relu)[1]!,
      };
    },
  },
  /** x [B,D], kernel [D,U], bias [U] -> [B,U] */
  RetortDense: {
    inputs: ['x', 'kernel', 'bias'],
    forward: (backend, [x, kernel, bias]) => {
      const shape = denseShape(x!, kernel!);
      const output = [shape.batch, shape.units];
      return dispatch(backend, dense.denseForward(shape), [x!, kernel!, bias!], [output]);
    },
    gradients: (dy, [x, kernel, bias]) => {
      const shape = denseShape(x!, kernel!);
      const make = dense.denseParameterGradients(shape);
      const [dKernel, dBias] = tensors([x!, dy], [kernel!.shape, bias!.shape], make);
      return {
        x: () => tensors([dy, kernel!], [x!.shape], dense.denseInputGradient(shape))[0]!,
        kernel: () => dKernel!,
        bias: () => dBias!,
      };
    },
  },
  RetortRelu: {
    inputs: ['x'],
    forward: (backend, [x]) =>
      dispatch(backend, dense.relu(tf.util.sizeFromShape(x!.shape)), [x!], [x!.shape]),
    gradients: (dy, [x]) => ({ x: () => tensors([dy, x!], [x!.shape], dense.reluGradient(x!.size))[0]! }),
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
      const kernel = dense.spreadOverPlaces(batch, height * width, channels);
      return { x: () => tensors([dy], [x!.shape], kernel)[0]! };
    },
  },
  /** logits, labels [B,C] -> [B] */
  RetortCrossEntropy: {
    inputs: ['logits', 'labels'],
    forward: (backend, inputs) => {
      const [batch, classes] = imagesOf(inputs[0]!);
      return dispatch(backend, losses.crossEntropy(batch, classes), inputs, [[batch]]);
    },
    gradients: (dy, [logits, labels]) => {
      const kernel = losses.crossEntropyGradient(...imagesOf(logits!));
      return { logits: () => tensors([dy, logits!, labels!], [logits!.shape], kernel)[0]! };
    },
  },
  /** student, teacher [B,C], temperature [1] -> [B] */
  RetortTemperatureKl: {
    inputs: ['student', 'teacher', 'temperature'],
    forward: (backend, inputs) => {
      const [batch, classes] = imagesOf(inputs[0]!);
      return dispatch(backend, losses.temperatureKl(batch, classes), inputs, [[batch]]);
    },
    gradients: (dy, saved) => {
      const student = saved[0]!;
      const kernel = losses.temperatureKlGradient(...imagesOf(student));
      return { student: () => tensors([dy, ...saved], [student.shape], kernel)[0]! };
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
      const kernel = losses.squaredDistanceGradient(...imagesOf(a!));
      return {
        a: () => tensors([dy, a!, b!], [a!.shape], kernel)[0]!,
        b: () => tensors([dy, b!, a!], [a!.shape], kernel)[0]!,
      };
    },
  },
  /** maps [B,H,W,C] -> attention maps [B,H*W] of length one, and the lengths [B] they had */
  RetortAttention: {
    inputs: ['maps'],
    keeps: [true, true],
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
  for (const [kernelName, { inputs: names, keeps, forward, gradients }] of Object.entries(definitions)) {
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
      inputsToSave: [...names],
      ...(keeps ? { outputsToSave: keeps } : {}),
      gradFunc: (dy, saved, attrs) => {
        // Further outputs are statistics, through which nothing is differentiated.
        const first = Array.isArray(dy) ? dy[0]! : dy;
        return gradients(first, saved, attrs as unknown as Attributes);
      },
    });
  }
}
