import { meanSquaredDifference } from '../../../engine/loss-ops';
import type { Ops } from '../../../engine/ops';
import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../../../engine/tf';
import { matchSides } from '../resample';
import { layerEmbedding, regressLayer } from './modules';

/**
 * For every image, how much each student layer attends to each teacher layer: [B,S,T], 1 over the teacher's layers.
 * @param student maps of S layers, differentiable @param teacher maps of T layers, constant
 */
export function semanticAttention(
  ops: Ops<Tensor>,
  student: readonly Tensor[],
  teacher: readonly Tensor[],
): tf.Tensor3D {
  return tf.tidy(() => {
    const queries = tf.stack(
      student.map((maps, i) => layerEmbedding(ops, maps, `query${i}`)),
      1,
    ) as tf.Tensor3D;
    const keys = tf.stack(
      teacher.map((maps, j) => layerEmbedding(ops, maps, `key${j}`)),
      1,
    ) as tf.Tensor3D;
    return tf.softmax(tf.matMul(queries, keys, false, true));
  });
}

/**
 * Every student layer regresses every teacher layer, weighted by attention: sum over pairs of
 * attention * mean squared error, over the number of student layers; [B].
 * Source: Chen et al. 2021, the authors' code.
 */
export function semckdLosses(
  ops: Ops<Tensor>,
  student: readonly Tensor4D[],
  teacher: readonly Tensor4D[],
  attention: tf.Tensor3D,
): Tensor1D {
  return tf.tidy(() => {
    const errors = student.map((from, i) =>
      tf.stack(
        teacher.map((to, j) => {
          const [map, target] = matchSides(from, to);
          const regressed = regressLayer<Tensor>(ops, map, `regressor${i}_${j}`, target.shape[3]);
          return meanSquaredDifference(regressed, target);
        }),
        1,
      ),
    );
    const weighted = tf.mul(attention, tf.stack(errors, 1));
    return tf.div(tf.sum(weighted, [1, 2]), student.length);
  });
}
