/** Which images of the pool are of another class than an image of the batch. */
import { tf, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import { variableOf } from '../../../engine/variables';

/**
 * The class of every image of the pool: its label, or, where it has none, the teacher's top class (our choice: the paper
 * knows no images without labels). An image of no known class is no negative.
 */
export class PoolClasses {
  /** [N,C] one-hot, zeros where no class is known yet */
  readonly variable: tf.Variable<tf.Rank.R2>;

  /** @param labels of the pool's rows, -1 for none */
  constructor(labels: Int32Array, classes: number, scope: string) {
    const oneHot = new Float32Array(labels.length * classes);
    labels.forEach((label, row) => {
      if (label >= 0) oneHot[row * classes + label] = 1;
    });
    this.variable = variableOf(
      () => tf.tensor2d(oneHot, [labels.length, classes]),
      false,
      `${scope}/classes`,
    ) as tf.Variable<tf.Rank.R2>;
  }

  /** Gives rows the class with the highest logit. @param logits [rows*C] */
  name(rows: Int32Array, logits: Float32Array): void {
    tf.tidy(() => {
      const width = this.variable.shape[1];
      const tops = tf.argMax(tf.tensor2d(logits, [rows.length, width]), 1);
      this.take(tf.tensor1d(rows, 'int32'), tf.cast(tf.oneHot(tops, width), 'float32') as Tensor2D);
    });
  }

  /** [B,N], 1 where the row of the pool is of a known other class. @param classes [B,C] one-hot */
  others(classes: Tensor2D): Tensor2D {
    return tf.tidy(() => {
      const known = tf.expandDims(tf.sum(this.variable, 1), 0);
      return tf.sub(known, tf.matMul(classes, this.variable, false, true)) as Tensor2D;
    });
  }

  /** @param classes [B,C] one-hot */
  take(rows: Tensor1D, classes: Tensor2D): void {
    tf.tidy(() =>
      this.variable.assign(tf.tensorScatterUpdate(this.variable, tf.reshape(rows, [-1, 1]), classes)),
    );
  }

  dispose(): void {
    this.variable.dispose();
  }
}

/** How often each of N rows was drawn for each image: [B,K] int32 -> [B,N]. */
export function countsOf(picks: Tensor2D, rows: number): Tensor2D {
  return tf.tidy(() => {
    const [batch, count] = picks.shape;
    const begins = tf.mul(tf.range(0, batch, 1, 'int32'), tf.scalar(rows, 'int32'));
    const places = tf.reshape(tf.add(picks, tf.expandDims(begins, 1)), [-1, 1]);
    const all = tf.scatterND(places, tf.ones([batch * count]), [batch * rows]);
    return tf.reshape(all, [batch, rows]);
  });
}
