import { canUpdateInPlace, updateInPlace } from '../engine/in-place';
import { tf } from '../engine/tf';

/** Weight of the newest batch in a running average (PyTorch's momentum). */
const momentum = 0.1;

/**
 * Batch statistics of a training pass. They are absorbed into the running statistics after the optimiser step, or
 * discarded for passes that must not change them (HKD's virtual step).
 */
export class Observed {
  private readonly entries: { running: tf.Variable; batch: tf.Tensor }[] = [];

  /** Takes ownership of `batch`. */
  record(running: tf.Variable, batch: tf.Tensor): void {
    this.entries.push({ running, batch });
  }

  /** running = 0.9 * running + 0.1 * batch for every statistic, once. */
  absorb(): void {
    if (canUpdateInPlace()) {
      const updates = this.entries.map(({ running, batch }) => ({
        variable: running,
        gradient: batch,
        slots: [],
      }));
      tf.tidy(() => updateInPlace('blend', updates, tf.tensor1d([momentum])));
      this.discard();
      return;
    }
    for (const { running, batch } of this.entries)
      tf.tidy(() => running.assign(tf.add(tf.mul(running, 1 - momentum), tf.mul(batch, momentum))));
    this.discard();
  }

  /** Disposes what was collected. */
  discard(): void {
    for (const { batch } of this.entries) batch.dispose();
    this.entries.length = 0;
  }
}
