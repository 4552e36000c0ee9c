import { tf, type Tensor, type Tensor1D } from '../../../engine/tf';

/**
 * One stage of the overhaul's partial distance, sum over places and channels, [B]: (s - u)^2 with u = max(t, margin),
 * counted where the student is above u or the teacher fires. Where the teacher is silent the student need only stay
 * below the margin.
 * @param student regressed values before the ReLU [B,H,W,C], differentiable
 * @param teacher values before the ReLU [B,H,W,C], constant @param margin [C], constant
 * Source: Heo et al. 2019 (b); equals the authors' code and mdistiller (there times 2^(i-n+1) for stage i of n).
 */
export function ofdStageLosses(student: Tensor, teacher: Tensor, margin: Tensor): Tensor1D {
  return tf.tidy(() => {
    const target = tf.maximum(teacher, margin);
    const distance = tf.sub(student, target);
    const fires = tf.step(target);
    // Where the teacher is silent, a ReLU counts the student above the target and nothing below.
    const terms = tf.add(
      tf.mul(tf.square(distance), fires),
      tf.mul(tf.square(tf.relu(distance)), tf.sub(1, fires)),
    );
    return tf.sum(terms, [1, 2, 3]);
  });
}
