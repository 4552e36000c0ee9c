/** Weight ensembling: an image's weight leans on its own history. Our reconstruction. */
import {
  blendWeights,
  hasInstanceWeights,
  historyColumns,
  type LossColumns,
} from '../../../engine/instance-weights';
import { putRows } from '../../../engine/in-place';
import { tf, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import { variableOf } from '../../../engine/variables';
import type { NamedArray } from '../../../nn/layouts';

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
    const first = tf.equal(tf.add(tf.expandDims(history.count, 1), tf.zerosLike(weights)), 0);
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

export interface BlendRule {
  /** mu, in [0,1) */
  momentum: number;
  mix: number;
  /** Whether this counts as a visit. */
  remember: boolean;
}

/** The history of every image of the pool, on the device. */
export class HistoryTable {
  /** [N,3H+1]: mean, square and log losses at the last visit, H each; visits */
  readonly table: tf.Variable<tf.Rank.R2>;
  private readonly hints: number;

  constructor(pool: number, hints: number, scope: string) {
    this.hints = hints;
    const name = `${scope}/history`;
    this.table = variableOf(
      () => tf.zeros([pool, historyColumns(hints)]),
      false,
      name,
    ) as tf.Variable<tf.Rank.R2>;
  }

  /** Weights leaning on their images' histories. @param losses the log losses that a visit leaves behind */
  blend(
    rows: Tensor1D,
    weights: Tensor2D,
    losses: LossColumns,
    rule: BlendRule,
  ): Pick<Ensembled, 'used' | 'spread'> {
    if (hasInstanceWeights()) return blendWeights(this.table, rows, weights, losses, rule);
    const { used, spread, next } = ensemble(this.read(rows), weights, rule.momentum, rule.mix);
    if (rule.remember)
      tf.tidy(() => {
        const { mean, square, count } = next;
        const lastLosses = tf.slice(losses.of, [0, losses.first], [-1, this.hints]);
        const values = tf.concat([mean, square, lastLosses, tf.expandDims(count, 1)], 1);
        putRows(this.table, rows, values);
      });
    return { used, spread };
  }

  /** @param rows [B] int32 */
  read(rows: Tensor1D): History<Tensor2D, Tensor1D> & { lastLosses: Tensor2D } {
    return this.parts(tf.gather(this.table, rows));
  }

  /** The parts of it that weights depend on: mean and log losses [N,H] and visits [N,1]. */
  async leaves(): Promise<NamedArray[]> {
    const { hints } = this;
    const parts = tf.tidy(() => {
      const [mean, , losses, count] = tf.split(this.table, [hints, hints, hints, 1], 1);
      return { mean: mean!, losses: losses!, count: count! };
    });
    return Promise.all(
      Object.entries(parts).map(async ([name, part]) => {
        const data = await part.data<'float32'>();
        part.dispose();
        return { name, shape: part.shape, data };
      }),
    );
  }

  /** The whole table: mean [N,H] and count [N]. */
  snapshot(): { mean: Tensor2D; count: Tensor1D } {
    return tf.tidy(() => {
      const { mean, count } = this.parts(this.table);
      return { mean, count };
    });
  }

  dispose(): void {
    this.table.dispose();
  }

  private parts(rows: Tensor2D): History<Tensor2D, Tensor1D> & { lastLosses: Tensor2D } {
    const { hints } = this;
    const [mean, square, lastLosses, count] = tf.split(rows, [hints, hints, hints, 1], 1) as [
      Tensor2D,
      Tensor2D,
      Tensor2D,
      Tensor2D,
    ];
    return { mean, square, lastLosses, count: tf.squeeze(count, [1]) };
  }
}
