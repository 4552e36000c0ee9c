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

  /** running = 0.9 * running + 0.1 * batch for every statistic, once for each pass that was observed, in their order. */
  absorb(): void {
    if (canUpdateInPlace()) {
      for (const round of this.rounds()) {
        const updates = round.map(({ running, batch }) => ({
          variable: running,
          gradient: batch,
          slots: [],
        }));
        tf.tidy(() => updateInPlace('blend', updates, tf.tensor1d([momentum])));
      }
      this.discard();
      return;
    }
    for (const { running, batch } of this.entries)
      tf.tidy(() => running.assign(tf.add(tf.mul(running, 1 - momentum), tf.mul(batch, momentum))));
    this.discard();
  }

  /** The entries so that no statistic is twice in a round: updates of a round have no order. */
  private rounds(): { running: tf.Variable; batch: tf.Tensor }[][] {
    const rounds: { running: tf.Variable; batch: tf.Tensor }[][] = [];
    const passes = new Map<tf.Variable, number>();
    for (const entry of this.entries) {
      const pass = passes.get(entry.running) ?? 0;
      passes.set(entry.running, pass + 1);
      (rounds[pass] ??= []).push(entry);
    }
    return rounds;
  }

  /** Disposes what was collected. */
  discard(): void {
    for (const { batch } of this.entries) batch.dispose();
    this.entries.length = 0;
  }
}
