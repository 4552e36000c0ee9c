/** What tasks share whose tensor of targets has a column more: tensors of targets whose last column is 1 where a row has a target, else 0. */
import { tf, type Tensor, type Tensor1D } from '../../engine/tf';

/** [B,width+1] -> [B,width] */
export function withoutLast(targets: Tensor, width: number): Tensor {
  return tf.slice(targets, [0, 0], [-1, width]);
}

/** [B,width+1] -> [B] */
export function lastColumn(targets: Tensor, width: number): Tensor1D {
  return tf.reshape<tf.Rank.R1>(tf.slice(targets, [0, width], [-1, 1]), [-1]);
}

export function sumOver(losses: Tensor1D, divisor: number): tf.Scalar {
  return tf.tidy(() => tf.div<tf.Scalar>(tf.sum(losses), divisor));
}

/** Mean of tensors of one shape. */
export function meanOf(parts: readonly Tensor[]): Tensor {
  return tf.tidy(() =>
    tf.div(
      parts.reduce((sum, part) => tf.add(sum, part)),
      parts.length,
    ),
  );
}
