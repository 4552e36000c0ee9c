/** Weight ensembling: an image's weight leans on its own history. Our reconstruction. */
import { ownBuffers } from '../../../engine/in-place';
import { blendWeights, hasInstanceWeights } from '../../../engine/instance-weights';
import { canPickRows, recall, remember } from '../../../engine/rows';
import { tf, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import { variableOf } from '../../../engine/variables';

/** One image's history per row. */
export interface History<T2, T1> {
  /** [.,H] running mean of its weights, biased towards 0 at first */
  mean: T2;
  /** [.,H] running square of the distance from what was expected */
  square: T2;
  /** [.] visits */
  count: T1;
}

export interface Ensembled {
  /** [B,H] what is to be used: mix * history + (1-mix) * w */
  used: Tensor2D;
  /** [B,H] */
  spread: Tensor2D;
  next: History<Tensor2D, Tensor1D>;
}

/**
 * prev = m/(1-mu^c) (w when c = 0); d = w - prev; c += 1; m = mu*m + (1-mu)*w; s = mu*s + (1-mu)*d^2;
 * used = mix*m/(1-mu^c) + (1-mix)*w; spread = sqrt(s/(1-mu^c)).
 * @param weights [B,H] fresh from the meta network
 * @param momentum mu, in [0,1)
 */
export function ensemble(
  history: History<Tensor2D, Tensor1D>,
  weights: Tensor2D,
  momentum: number,
  mix: number,
): Ensembled {
  return tf.tidy(() => {
    if (hasInstanceWeights()) return blendWeights(history, weights, momentum, mix);
    const first = tf.expandDims(tf.equal(history.count, 0), 1);
    const before = tf.expandDims(correction(history.count, momentum), 1);
    const expected = tf.where(first, weights, tf.div(history.mean, before));
    const distance = tf.sub(weights, expected);
    const count = tf.add(history.count, 1) as Tensor1D;
    const mean = tf.add(tf.mul(history.mean, momentum), tf.mul(weights, 1 - momentum)) as Tensor2D;
    const square = tf.add(
      tf.mul(history.square, momentum),
      tf.mul(tf.square(distance), 1 - momentum),
    ) as Tensor2D;
    const after = tf.expandDims(correction(count, momentum), 1);
    const used = tf.add(tf.mul(tf.div(mean, after), mix), tf.mul(weights, 1 - mix)) as Tensor2D;
    return { used, spread: tf.sqrt(tf.div(square, after)) as Tensor2D, next: { mean, square, count } };
  });
}

/** 1 - mu^c, kept away from 0 so that an unused branch stays finite. */
function correction(count: Tensor1D, momentum: number): Tensor1D {
  return tf.maximum(tf.sub(1, tf.pow(tf.scalar(momentum), count)), 1e-12);
}

/** The history of every image of the pool, on the device. */
export class HistoryTable {
  private readonly mean: tf.Variable;
  private readonly square: tf.Variable;
  private readonly count: tf.Variable;
  /** [N,H] log losses at the last visit, for the meta network's "change since last seen" */
  private readonly lastLosses: tf.Variable;

  constructor(pool: number, hints: number, scope: string) {
    this.mean = variableOf(() => tf.zeros([pool, hints]), false, `${scope}/history.mean`);
    this.square = variableOf(() => tf.zeros([pool, hints]), false, `${scope}/history.square`);
    this.count = variableOf(() => tf.zeros([pool]), false, `${scope}/history.count`);
    this.lastLosses = variableOf(() => tf.zeros([pool, hints]), false, `${scope}/history.losses`);
  }

  get variables(): tf.Variable[] {
    return [this.mean, this.square, this.count, this.lastLosses];
  }

  /** @param rows [B] int32 */
  read(rows: Tensor1D): History<Tensor2D, Tensor1D> & { lastLosses: Tensor2D } {
    if (canPickRows()) {
      const [mean, square, count, lastLosses] = recall(rows, this.variables) as [
        Tensor2D,
        Tensor2D,
        Tensor1D,
        Tensor2D,
      ];
      return { mean, square, count, lastLosses };
    }
    const count = tf.gather(this.count, rows) as Tensor1D;
    return {
      mean: tf.gather(this.mean, rows) as Tensor2D,
      square: tf.gather(this.square, rows) as Tensor2D,
      count,
      lastLosses: tf.gather(this.lastLosses, rows) as Tensor2D,
    };
  }

  write(rows: Tensor1D, next: History<Tensor2D, Tensor1D>, lastLosses: Tensor2D): void {
    if (canPickRows()) {
      ownBuffers(this.variables);
      remember(rows, [next.mean, next.square, next.count, lastLosses], this.variables);
      return;
    }
    tf.tidy(() => {
      const indices = tf.expandDims(rows, 1);
      const put = (table: tf.Variable, values: Tensor2D | Tensor1D) =>
        table.assign(tf.tensorScatterUpdate(table, indices, values));
      put(this.mean, next.mean);
      put(this.square, next.square);
      put(this.count, next.count);
      put(this.lastLosses, lastLosses);
    });
  }

  /** The whole table, copied: mean [N,H] and count [N]. */
  snapshot(): { mean: Tensor2D; count: Tensor1D } {
    return { mean: this.mean.clone() as Tensor2D, count: this.count.clone() as Tensor1D };
  }

  dispose(): void {
    tf.dispose(this.variables);
  }
}
