import { tf, type Tensor1D, type Tensor4D } from '../../../engine/tf';
import type { HintFactory } from '../hint';
import type { nstKnobs } from './about';
import { attentionView } from '../method-views';
import { matchSides } from '../resample';
import { pairStages } from '../stages';

/** Channel patterns of unit length: [B,H,W,C] -> [B,H*W,C], each channel normalised over places. */
function patterns(maps: Tensor4D): tf.Tensor3D {
  const flat = tf.reshape(maps, [maps.shape[0], -1, maps.shape[3]]);
  const norm = tf.sqrt(tf.maximum(tf.sum(tf.square(flat), 1, true), 1e-24));
  return tf.div(flat, norm) as tf.Tensor3D;
}

/** Mean over channel pairs of (X_i . Y_j)^2, [B]. */
function kernel(x: tf.Tensor3D, y: tf.Tensor3D): Tensor1D {
  return tf.mean(tf.square(tf.matMul(x, y, true, false)), [1, 2]);
}

/**
 * Squared maximum mean discrepancy of channel patterns with a polynomial kernel, one stage, [B].
 * Source: Huang and Wang 2017; equals RepDistiller, mdistiller and the Knowledge-Distillation-Zoo.
 */
export function nstStageLosses(student: Tensor4D, teacher: Tensor4D): Tensor1D {
  return tf.tidy(() => {
    const [s, t] = matchSides(student, teacher).map(patterns) as [tf.Tensor3D, tf.Tensor3D];
    return tf.sub(tf.add(kernel(t, t), kernel(s, s)), tf.mul(kernel(s, t), 2));
  });
}

export const createNst: HintFactory<typeof nstKnobs> = ({ pair }) => {
  const pairs = pairStages(pair.student.stages.length, pair.teacher.stages.length);
  return {
    module: null,
    parts: pairs.map(([, t]) => `stages/${t}` as const),
    losses: (student, teacher) =>
      pairs
        .map(([s, t]) => nstStageLosses(student.stages[s] as Tensor4D, teacher.stages[t] as Tensor4D))
        .reduce((sum, losses) => tf.add(sum, losses)),
    view: (student, teacher) => attentionView(student, teacher, pairs),
    dispose: () => undefined,
  };
};
