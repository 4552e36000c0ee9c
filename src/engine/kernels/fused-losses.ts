/** Losses and their sums as fused ops, with their gradients. */
import { floatOf } from '../fused-ops';
import { settle, type LazyTensor, type Place, type Step } from '../lazy-tensors';
import { klTeacherGradient } from '../divergence';
import { tf } from '../tf';
import type { RetortBackend } from '../webgpu-backend';
import * as attention from './attention';
import type { FusedDefinitions } from '../fused-definition';
import { logitLosses, logitLossGradients, type GradientTerm, type LogitLoss } from './logit-losses';
import {
  columnsOf,
  intoColumns,
  meanCrossEntropy,
  meanCrossEntropyGradient,
  objective,
  objectiveGradient,
  weightedSum,
  weightedSumGradient,
  type ObjectiveShape,
} from './weighted-losses';
import {
  dispatch,
  inGroups,
  later,
  laterAll,
  laterTensor,
  laterTensors,
  release,
  tensorOf,
  tensors,
} from './dispatch';
import * as distance from './squared-distance';

/** [B,...] as images of this many numbers. */
function imagesOf({ shape }: tf.TensorInfo): [batch: number, size: number] {
  return [shape[0]!, tf.util.sizeFromShape(shape.slice(1))];
}

/** The latest lazy cross-entropy of logits, by their data id. */
const crossEntropies = new WeakMap<object, { of: tf.TensorInfo; inputs: readonly tf.TensorInfo[] }>();

/** A lazy loss. A KL also computes the cross-entropy of the same logits if that is not computed yet. */
function lossOf(backend: RetortBackend, loss: LogitLoss, inputs: readonly tf.TensorInfo[]): tf.TensorInfo {
  const [batch, classes] = imagesOf(inputs[0]!);
  const last = loss === 'cross-entropy' ? undefined : crossEntropies.get(inputs[0]!.dataId);
  // While it is lazy it keeps its labels alive; afterwards they may be disposed.
  const known = last && backend.lazyOf(last.of) ? last : undefined;
  const make =
    (losses: readonly LogitLoss[]): LazyTensor['kernel'] =>
    (steps, place) =>
      logitLosses(batch, classes, losses, steps, place);
  const ahead = known && {
    of: known.of,
    inputs: [...inputs, ...known.inputs.slice(1)],
    kernel: make([loss, 'cross-entropy']),
  };
  const [of] = backend.postpone([[batch]], {
    inputs,
    steps: [],
    channels: batch,
    kernel: make([loss]),
    placeable: true,
    ...(ahead && { ahead }),
  });
  if (loss === 'cross-entropy')
    crossEntropies.set(inputs[0]!.dataId, { of: of!, inputs: inputs.map(settle) });
  return of!;
}

/** Gradients of losses with respect to the same logits, which become one dispatch when they are added up. */
function gradientOf(loss: LogitLoss, dy: tf.Tensor, [logits, ...others]: tf.Tensor[]): tf.Tensor {
  const [batch, classes] = imagesOf(logits!);
  const sumOf = (terms: readonly (GradientTerm & { tensors: readonly tf.TensorInfo[] })[]): LazyTensor => ({
    inputs: [logits!, ...terms.flatMap(({ tensors }) => tensors)],
    steps: [],
    channels: classes,
    kernel: (steps) => logitLossGradients(batch, classes, terms, steps),
    sum: { key: logits!.dataId, terms, of: (all) => sumOf(all as typeof terms) },
  });
  return tensorOf((backend) => {
    const { of, place } = columnOf(backend, dy);
    const term = { loss, ...(place && { dy: place }), tensors: [of, ...others].map(settle) };
    return backend.postpone([logits!.shape], sumOf([term]))[0]!;
  });
}

/** The operand for dy in a kernel: a column of a matrix if dy is a lazy column. */
function columnOf(backend: RetortBackend, dy: tf.Tensor): { of: tf.TensorInfo; place?: Place } {
  const stored = floatOf(dy);
  const found = backend.columnOf(stored);
  return found ? { of: found.of, place: found } : { of: stored };
}

function mapsOf({ shape }: tf.TensorInfo): attention.Maps {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  return { batch, places: height * width, channels };
}

function objectiveShape(losses: tf.TensorInfo, weights: tf.TensorInfo): ObjectiveShape {
  const [batch, hints] = losses.shape as [number, number];
  return { batch, hints, weights: tf.util.sizeFromShape(weights.shape) };
}

/** [B,H] -> H lazy vectors [B], which may never be computed: see `columnOf`. */
function columnsOfTensor(matrix: tf.Tensor2D): tf.Tensor[] {
  const backend = tf.backend() as RetortBackend;
  const [rows, columns] = matrix.shape;
  if (columns >= backend.device.limits.maxStorageBuffersPerShaderStage) return tf.unstack(matrix, 1);
  const vectors = backend.postpone(Array<number[]>(columns).fill([rows]), {
    inputs: [floatOf(matrix)],
    steps: [],
    channels: 0,
    kernel: () => columnsOf(rows, columns),
    columns: true,
  });
  return vectors.map((info) => tf.engine().makeTensorFromTensorInfo(info, backend));
}

/** Losses and their sums. */
export const ofLosses = {
  RetortCrossEntropy: {
    forward: (backend, inputs) => [lossOf(backend, 'cross-entropy', inputs)],
    gradients: (dy, saved) => ({
      logits: () => gradientOf('cross-entropy', dy, saved),
      labels: () => tf.mul(tf.expandDims(tf.neg(dy), 1), tf.logSoftmax(saved[0] as tf.Tensor2D)),
    }),
  },
  RetortMeanCrossEntropy: {
    forward: (backend, inputs) => {
      const shape = imagesOf(inputs[0]!);
      return [later(backend, [], inputs, (steps) => meanCrossEntropy(...shape, steps))];
    },
    gradients: (dy, saved) => {
      const [logits, labels, divisor] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor];
      const make = (steps: readonly Step[]) => meanCrossEntropyGradient(...imagesOf(logits), steps);
      return {
        logits: () => laterTensor([dy, logits, labels, divisor], logits.shape, make),
        labels: () => tf.mul(tf.neg(tf.div(dy, divisor)), tf.logSoftmax(logits)),
      };
    },
  },
  RetortTemperatureKl: {
    forward: (backend, inputs) => [lossOf(backend, 'KL at a temperature', inputs)],
    gradients: (dy, saved) => {
      return {
        student: () => gradientOf('KL at a temperature', dy, saved),
        teacher: () => klTeacherGradient(dy, saved as [tf.Tensor, tf.Tensor, tf.Tensor]),
      };
    },
  },
  RetortColumns: {
    forward: (backend, inputs) => {
      const [rows, columns] = [inputs[0]!.shape[0]!, inputs.length];
      const matrix = backend.makeTensorInfo([rows, columns], 'float32');
      const others = inputs.flatMap((input, column) =>
        backend.placeColumn(input, matrix, { column, columns }) ? [] : [{ input, column }],
      );
      for (const group of inGroups(others, backend.device.limits.maxStorageBuffersPerShaderStage - 1)) {
        const given = group.map(({ column }) => column);
        const read = group.map(({ input }) => ({ tensor: input, access: 'read' as const }));
        const kernel = intoColumns(rows, columns, given);
        backend.runRaw(kernel, [...read, { tensor: matrix, access: 'read_write' }], []);
      }
      return [matrix];
    },
    gradients: (dy) => {
      const columns = columnsOfTensor(dy as tf.Tensor2D);
      return Object.fromEntries(columns.map((column, n) => [n, () => column]));
    },
  },
  RetortWeightedLosses: {
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
  RetortObjective: {
    forward: (backend, inputs) =>
      laterAll(backend, objective(objectiveShape(inputs[1]!, inputs[2]!)), inputs, [[], []]),
    gradients: (dy, [values, weights, rule]) => {
      const shape = objectiveShape(values!, weights!);
      const outputs = [[shape.batch], values!.shape];
      const [ce, losses] = laterTensors([dy, weights!, rule!], outputs, objectiveGradient(shape));
      return { ce: () => ce!, losses: () => losses! };
    },
  },
  RetortSquaredDistance: {
    forward: (backend, inputs) => {
      const [batch, size] = imagesOf(inputs[0]!);
      const partials = distance.distancePartials(size);
      const later = (of: readonly tf.TensorInfo[], kernel: LazyTensor['kernel']) =>
        backend.postpone([[batch]], { inputs: of, steps: [], channels: batch, kernel, placeable: true });
      if (partials === 1)
        return later(inputs, (steps, place) => distance.squaredDistance(batch, size, steps, place));
      const partial = dispatch(backend, distance.squaredDistance(batch, size), inputs, [[batch, partials]]);
      const sum = later(partial, (steps, place) =>
        distance.distanceOfPartials(batch, partials, steps, place),
      );
      release(backend, ...partial);
      return sum;
    },
    gradients: (dy, [a, b]) => {
      const by = (one: tf.Tensor, other: tf.Tensor) => () =>
        tensorOf((backend) => {
          const { of, place } = columnOf(backend, dy);
          const [batch, size] = imagesOf(one);
          return later(backend, one.shape, [of, one, other], (steps) =>
            distance.squaredDistanceGradient(batch, size, steps, place),
          );
        });
      return { a: by(a!, b!), b: by(b!, a!) };
    },
  },
  RetortAttention: {
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
} satisfies FusedDefinitions<RetortBackend>;
