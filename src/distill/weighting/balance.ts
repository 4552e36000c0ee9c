import { canUpdateInPlace, updateInPlace } from '../../engine/in-place';
import { tf, type Tensor2D } from '../../engine/tf';
import { readVariables, variableOf, writeVariables } from '../../engine/variables';

export interface BalanceState {
  mean: Float32Array[];
  started: boolean;
}

const decay = 0.99;

/**
 * Auto-balance: divides each hint's losses by the running mean of its batch mean, a constant for gradients. Of a loss that
 * may be negative the mean is that of its size, since its own mean passes through zero. The first batch sets the mean, so that every hint starts at 1. Our design (HKD's paper does not say).
 */
export class Balance {
  private readonly mean: tf.Variable | null;
  private readonly negative: readonly boolean[];
  private started = false;

  /** @param negative per hint whether its losses may be below zero */
  constructor(hints: number, enabled: boolean, scope: string, negative: readonly boolean[] = []) {
    this.negative = negative;
    this.mean = enabled ? variableOf(() => tf.ones([1, hints]), false, `${scope}/balance`) : null;
  }

  /** [B,H] -> [B,H], by the present means; differentiable. */
  apply(losses: Tensor2D): Tensor2D {
    return this.mean ? tf.div(losses, tf.maximum(this.mean, 1e-8)) : losses;
  }

  /** Makes the means those of a batch's raw losses; once, before the first `apply`. */
  open(losses: Tensor2D): void {
    tf.tidy(() => this.mean?.assign(this.meanSize(losses)));
  }

  /** Whether `open` has been done. Said by the caller: a step that is being recorded is not done yet. */
  get isOpen(): boolean {
    return this.started || !this.mean;
  }

  opened(): void {
    this.started = true;
  }

  /** Takes a batch's raw losses into the means, outside the differentiated function. */
  observe(losses: Tensor2D): void {
    const mean = this.mean;
    if (!mean) return;
    tf.tidy(() => {
      const batch = this.meanSize(losses);
      if (canUpdateInPlace())
        updateInPlace('blend', [{ variable: mean, gradient: batch, slots: [] }], tf.tensor1d([1 - decay]));
      else mean.assign(tf.add(tf.mul(mean, decay), tf.mul(batch, 1 - decay)));
    });
  }

  /** Mean over the batch, of the absolute value for losses that may be negative. [B,H] -> [1,H] */
  private meanSize(losses: Tensor2D): Tensor2D {
    if (!this.negative.includes(true)) return tf.mean(losses, 0, true);
    const flipped = tf.mul(tf.relu(tf.neg(losses)), tf.tensor2d([this.negative.map((is) => (is ? 2 : 0))]));
    return tf.mean(tf.add(losses, flipped), 0, true);
  }

  async state(): Promise<BalanceState> {
    return { mean: await readVariables(this.mean ? [this.mean] : []), started: this.started };
  }

  restore({ mean, started }: BalanceState): void {
    if (this.mean) writeVariables([this.mean], mean);
    this.started = started;
  }

  dispose(): void {
    this.mean?.dispose();
  }
}
