import {
  hasInstanceWeights,
  imageStates,
  instanceFeatures,
  type LossColumns,
} from '../../../engine/instance-weights';
import { tf, type Tensor2D } from '../../../engine/tf';
import type { Task } from '../../tasks/task';
import type { Instances } from '../weighting';
import type { HistoryTable } from './ensembling';

/** Numbers per image that the meta network sees. */
export function featureCount(hints: number): number {
  return imageStates + 2 * hints;
}

/** Where the log losses are among the features: what a history is to keep of a visit. */
export function logLosses(features: Tensor2D): LossColumns {
  return { of: features, first: imageStates };
}

/**
 * The state of each instance: log(1 + task loss), the student's uncertainty, student's and teacher's closeness to the
 * target (`Task.states`; for classes entropy / log C and the probability of the label), progress of the run, log(1+l) per hint, and its change since the image was last seen (0 the first time).
 * An instance without a target has zeros for the three numbers that need one. A loss that may be negative keeps its sign,
 * sign(l) log(1+|l|).
 * @param negative per hint whether its losses may be below zero
 * @returns [B, 5+2H]
 */
export function metaFeatures(
  instances: Instances,
  history: HistoryTable,
  task: Task,
  negative: readonly boolean[] = [],
): Tensor2D {
  return tf.tidy(() => {
    const { rows, targets, taskLosses, hints, student, teacher, progress } = instances;
    const isSigned = negative.includes(true);
    if (hasInstanceWeights() && task.oneOfMany && !isSigned)
      return instanceFeatures(instances, history.table);
    const { lastLosses, count } = history.read(rows);
    const above = tf.log1p(tf.relu(hints));
    const logs = isSigned ? tf.sub(above, belowZero(hints, negative)) : above;
    const change = tf.mul(tf.sub(logs, lastLosses), tf.expandDims(tf.minimum(count, 1), 1));
    const columns = [
      tf.log1p(taskLosses),
      ...task.states(student, teacher, targets),
      tf.add(tf.zerosLike(taskLosses), progress),
    ];
    return tf.concat([tf.stack(columns, 1), logs, change], 1) as Tensor2D;
  });
}

/** log(1+|l|) of the losses below zero of the hints that may have such, else 0, [B,H]. */
function belowZero(hints: Tensor2D, negative: readonly boolean[]): Tensor2D {
  return tf.mul(tf.log1p(tf.relu(tf.neg(hints))), tf.tensor2d([negative.map(Number)]));
}
