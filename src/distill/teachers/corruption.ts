/** Teaching devices: ways to make a teacher wrong on purpose. */
import { tf, type Tensor } from '../../engine/tf';

/** The classes whose answers `rotateUpperHalf` exchanges: the upper half, the larger one where it is not even. */
export function rotatedClasses(classes: number): number[] {
  return Array.from({ length: classes - Math.floor(classes / 2) }, (_, i) => Math.floor(classes / 2) + i);
}

/**
 * Rotates the logits of the upper half of the classes among these classes (5..9 of ten: 5 answers as 6, 9 as 5).
 * @param logits [B,C]
 */
export function rotateUpperHalf(logits: Tensor): Tensor {
  return tf.tidy(() => {
    const classes = logits.shape[1]!;
    const half = Math.floor(classes / 2);
    const kept = tf.slice(logits, [0, 0], [-1, half]);
    const last = tf.slice(logits, [0, classes - 1], [-1, 1]);
    const rest = tf.slice(logits, [0, half], [-1, classes - half - 1]);
    return tf.concat([kept, last, rest], 1);
  });
}

/**
 * Each image gets what belongs to the image before it in the batch. Batches are shuffled anew each epoch, so the
 * answers are those of other, random images.
 * @param rows [B,...]
 */
export function shiftRows(rows: Tensor): Tensor {
  return tf.tidy(() => {
    const count = rows.shape[0]!;
    if (count < 2) return rows.clone();
    const zeros = rows.shape.slice(1).map(() => 0);
    const all = rows.shape.slice(1).map(() => -1);
    return tf.concat(
      [
        tf.slice(rows, [count - 1, ...zeros], [1, ...all]),
        tf.slice(rows, [0, ...zeros], [count - 1, ...all]),
      ],
      0,
    );
  });
}
