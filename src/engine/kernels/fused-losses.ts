/** Losses and their sums as fused ops, with their gradients. */
import type { FusedOp } from '../fused-ops';
import type { Step } from '../pending';
import { tf } from '../tf';
import * as attention from './attention';
import type { Definition } from './fused-definition';
import * as losses from './losses';
import {
  objective,
  objectiveGradient,
  weightedSum,
  weightedSumGradient,
  type ObjectiveShape,
} from './objective';
import { reduce } from './reduce';
import { dispatch, later, laterAll, laterTensor, laterTensors, release, tensors } from './run';

/** [B,...] as images of so many numbers. */
function imagesOf({ shape }: tf.TensorInfo): [batch: number, size: number] {
  return [shape[0]!, tf.util.sizeFromShape(shape.slice(1))];
}

function mapsOf({ shape }: tf.TensorInfo): attention.Maps {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  return { batch, places: height * width, channels };
}

function objectiveShape(losses: tf.TensorInfo, weights: tf.TensorInfo): ObjectiveShape {
  const [batch, hints] = losses.shape as [number, number];
  return { batch, hints, weights: tf.util.sizeFromShape(weights.shape) };
}

/** Losses and their sums. */
export const ofLosses = {
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
  /**
   * ce [B], losses [B,H], weights ([1,H] or [B,H]), rule (factor of ce, divisors of ce and of losses) -> the objective
   * factor * sum(ce) / divisor + sum(losses * weights) / divisor, and the mean of ce in it
   */
  RetortObjective: {
    inputs: ['ce', 'losses', 'weights', 'rule'],
    outputs: 2,
    saves: { inputs: ['losses', 'weights', 'rule'] },
    forward: (backend, inputs) =>
      laterAll(backend, objective(objectiveShape(inputs[1]!, inputs[2]!)), inputs, [[], []]),
    gradients: (dy, [values, weights, rule]) => {
      const shape = objectiveShape(values!, weights!);
      const outputs = [[shape.batch], values!.shape];
      const [ce, losses] = laterTensors([dy, weights!, rule!], outputs, objectiveGradient(shape));
      return { ce: () => ce!, losses: () => losses! };
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
} satisfies Partial<Record<FusedOp, Definition>>;
