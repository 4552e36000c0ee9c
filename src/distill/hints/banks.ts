/** Banks of embeddings: one row per image of the pool and network, followed as the networks change. */
import { putRows } from '../../engine/in-place';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../engine/tf';
import { variableOf } from '../../engine/variables';
import type { RandomStream } from '../../random/streams';

/** Rows of unit length: [B,D] -> [B,D]. */
export function unitRows(x: Tensor): Tensor2D {
  return tf.tidy(() => tf.div(x, tf.sqrt(tf.maximum(tf.sum(tf.square(x), -1, true), 1e-24))));
}

/**
 * The rows of a bank after a batch: unit(momentum * row + (1 - momentum) * embedding).
 * @param rows [B,D] of the bank @param embeddings [B,D]
 */
export function movedRows(rows: Tensor2D, embeddings: Tensor2D, momentum: number): Tensor2D {
  return tf.tidy(() => unitRows(tf.add(tf.mul(rows, momentum), tf.mul(embeddings, 1 - momentum))));
}

/** An embedding of every image by either network, as variables; the owner disposes it. */
export class Banks {
  /** [N,D] of the student. */
  readonly student: tf.Variable<tf.Rank.R2>;
  /** [N,D] of the teacher. */
  readonly teacher: tf.Variable<tf.Rank.R2>;

  /** Rows start uniform in +-sqrt(3/D), not of unit length, as in the code of both papers that keep them. */
  constructor(images: number, width: number, random: RandomStream, scope: string) {
    const bound = Math.sqrt(3 / width);
    const bank = (name: string) => {
      const values = Float32Array.from({ length: images * width }, () => (2 * random.uniform() - 1) * bound);
      return variableOf(() => tf.tensor2d(values, [images, width]), false, `${scope}/bank/${name}`);
    };
    this.student = bank('student') as tf.Variable<tf.Rank.R2>;
    this.teacher = bank('teacher') as tf.Variable<tf.Rank.R2>;
  }

  get variables(): tf.Variable[] {
    return [this.student, this.teacher];
  }

  /** Moves the rows of a batch towards its embeddings [B,D]. */
  take(rows: Tensor1D, student: Tensor2D, teacher: Tensor2D, momentum: number): void {
    const move = (bank: tf.Variable<tf.Rank.R2>, embeddings: Tensor) =>
      putRows(bank, rows, movedRows(tf.gather(bank, rows), embeddings as Tensor2D, momentum));
    tf.tidy(() => {
      move(this.student, student);
      move(this.teacher, teacher);
    });
  }

  dispose(): void {
    for (const variable of this.variables) variable.dispose();
  }
}
