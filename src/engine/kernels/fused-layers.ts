/** Layers of networks as fused ops, with their gradients. */
import { floatOf } from '../fused-ops';
import type { LazyTensor, Step } from '../lazy-tensors';
import { statisticsGradients } from '../batch-norm';
import { tf } from '../tf';
import type { RetortBackend } from '../webgpu-backend';
import * as norm from './batch-norm-kernels';
import * as dense from './dense';
import type { FusedDefinitions } from '../fused-definition';
import * as grouped from './grouped';
import * as byRow from './norm-rows';
import { partialsOf } from './norm-sums';
import { reduce, runOf, sumPartials } from './reduce';
import {
  dispatch,
  later,
  laterAll,
  laterMap,
  laterTensor,
  laterTensors,
  release,
  tensorOf,
  tensors,
  withStep,
} from './dispatch';

function rowsOf({ shape }: tf.TensorInfo): byRow.Rows {
  const channels = shape.at(-1)!;
  return { rows: tf.util.sizeFromShape(shape) / channels, channels };
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

/** x, scale, offset -> y, coefficients [4,C] (see `batch-norm-kernels.ts`), mean and unbiased variance [C] */
function batchNorm(backend: RetortBackend, inputs: tf.TensorInfo[]): tf.TensorInfo[] {
  const x = inputs[0]!;
  const shape = rowsOf(x);
  const outputs = [[4, shape.channels], [shape.channels], [shape.channels]];
  const parts = partialsOf(shape);
  const rows = (coefficients: tf.TensorInfo, ahead?: LazyTensor['ahead']) =>
    laterMap(backend, x.shape, [x, coefficients], (steps) => byRow.normalise(shape, steps), ahead);
  if (parts === 1) {
    const statistics = laterAll(backend, norm.statistics(shape), inputs, outputs);
    const of = statistics[0]!;
    return [rows(of, { of, inputs, kernel: (steps) => norm.batchNorm(shape, steps) }), ...statistics];
  }
  const [sums] = dispatch(backend, norm.statisticPartials(shape), [x], [[parts, 2, shape.channels]]);
  const statistics = dispatch(backend, norm.statisticsOfPartials(shape), [...inputs, sums!], outputs);
  release(backend, sums!);
  return [rows(statistics[0]!), ...statistics];
}

/** dy, x, coefficients -> gradients of scale, offset and x */
function batchNormGradients(inputs: tf.Tensor[]): [tf.Tensor, tf.Tensor, () => tf.Tensor] {
  const x = inputs[1]!;
  const shape = rowsOf(x);
  const { channels } = shape;
  const [dScale, dOffset] = normParameterGradients(inputs);
  const together = partialsOf(shape) === 1;
  const kernel: LazyTensor['kernel'] = (steps) => norm.gradients(shape, steps);
  const dx = (backend: RetortBackend) => {
    const stored = inputs.map(floatOf);
    const ahead = together ? { of: dScale, inputs: stored, kernel } : undefined;
    const rows: LazyTensor['kernel'] = (steps) => byRow.inputGradient({ ...shape, channels }, false, steps);
    return later(backend, x.shape, [...stored, dScale, dOffset], rows, ahead);
  };
  return [dScale, dOffset, () => tensorOf(dx)];
}

/** dy, x, coefficients -> gradients of scale and offset */
function normParameterGradients(inputs: tf.Tensor[]): [tf.Tensor, tf.Tensor] {
  const shape = rowsOf(inputs[1]!);
  const { channels } = shape;
  const outputs = [[channels], [channels]];
  const parts = partialsOf(shape);
  if (parts === 1)
    return laterTensors(inputs, outputs, norm.parameterGradients(shape)) as [tf.Tensor, tf.Tensor];
  const [sums] = tensors(inputs, [[parts, 2, channels]], norm.parameterGradientPartials(shape));
  const gradients = tensors([sums!], outputs, norm.parameterGradientsOfPartials(shape));
  sums!.dispose();
  return gradients as [tf.Tensor, tf.Tensor];
}

/** Layers of networks. */
export const layers = {
  RetortBatchNorm: {
    forward: batchNorm,
    gradients: (dy, saved) => {
      const [scale, offset, x] = batchNormGradients([dy, ...saved]);
      return { x, scale: () => scale, offset: () => offset };
    },
  },
  RetortNormalise: {
    forward: (backend, [x, ...numbers]) => [withStep(backend, x!, 'normalise', numbers)],
    gradients: (dy, [x, ...numbers]) => {
      const shape = rowsOf(x!);
      const { channels } = shape;
      const [coefficients] = tensors(numbers, [[4, channels]], byRow.givenCoefficients(channels));
      const [dScale, dOffset] = normParameterGradients([dy, x!, coefficients!]);
      return {
        x: () =>
          laterTensor([dy, coefficients!], x!.shape, (steps) => byRow.inputGradient(shape, true, steps)),
        scale: () => dScale,
        offset: () => dOffset,
        ...statisticsGradients(numbers, dScale, dOffset),
      };
    },
  },
  RetortGroupedConv: {
    forward: (backend, [x, kernel]) => {
      const shape = groupedShape(x!, kernel!);
      const output = [...x!.shape.slice(0, -1), kernel!.shape.at(-1)!];
      return [laterMap(backend, output, [x!, kernel!], (steps) => grouped.groupedForward(shape, steps))];
    },
    gradients: (dy, [x, kernel]) => {
      const shape = groupedShape(x!, kernel!);
      const partials = grouped.groupedPartials(shape);
      const make = grouped.groupedKernelGradient(shape, partials);
      return {
        x: () => laterTensor([dy, kernel!], x!.shape, (steps) => grouped.groupedInputGradient(shape, steps)),
        kernel: () =>
          tensorOf((backend) => sumPartials(backend, make, [x!, dy].map(floatOf), partials, kernel!.shape)),
      };
    },
  },
  RetortDense: {
    forward: (backend, [x, kernel, bias]) => {
      const shape = denseShape(x!, kernel!);
      const output = [shape.batch, shape.units];
      const make = (steps: readonly Step[]) => dense.denseForward(shape, steps);
      return [later(backend, output, [x!, kernel!, bias!], make)];
    },
    gradients: (dy, [x, kernel, bias]) => {
      const shape = denseShape(x!, kernel!);
      const ofParameters = dense.denseParameterGradients(shape);
      const outputs = [kernel!.shape, bias!.shape];
      const [dKernel, dBias] = laterTensors([x!, dy], outputs, ofParameters) as [tf.Tensor, tf.Tensor];
      const together = {
        of: dKernel,
        inputs: [x!, dy, kernel!].map(floatOf),
        kernel: (steps: readonly Step[]) => dense.denseGradients(shape, steps),
      };
      const alone = (steps: readonly Step[]) => dense.denseInputGradient(shape, steps);
      const dx = (backend: RetortBackend) =>
        later(backend, x!.shape, [dy, kernel!].map(floatOf), alone, together);
      return { x: () => tensorOf(dx), kernel: () => dKernel, bias: () => dBias };
    },
  },
  RetortRelu: {
    forward: (backend, [x]) => [withStep(backend, x!, 'relu')],
    gradients: (dy, [y]) => ({
      x: () => tensorOf((backend) => withStep(backend, floatOf(dy), 'mask', [y!])),
    }),
  },
  RetortGlobalAverage: {
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
} satisfies FusedDefinitions<RetortBackend>;
