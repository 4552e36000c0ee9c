/** Steps per second of a phase, and when metrics are due to be read back. */
import { tf } from '../engine/tf';
import type { RunEvent } from './events';

/** Shortest time between two readings, in milliseconds. */
const readingInterval = 100;

export class Throughput {
  private lastReading = performance.now();
  private lastStep = 0;
  /** Exponential mean of steps per second, 0 before the first reading. */
  private rate = 0;

  get readingDue(): boolean {
    return performance.now() - this.lastReading >= readingInterval;
  }

  /** Marks a reading at `step` and returns a `speed` event. */
  reading(step: number): RunEvent {
    const now = performance.now();
    const steps = step - this.lastStep;
    const seconds = Math.max(now - this.lastReading, 1) / 1000;
    if (steps > 0) this.rate = this.rate === 0 ? steps / seconds : 0.7 * this.rate + 0.3 * (steps / seconds);
    this.lastReading = now;
    this.lastStep = step;
    const { numTensors, numBytes } = tf.memory();
    return {
      type: 'speed',
      stepsPerSecond: this.rate,
      tensors: numTensors,
      bytes: numBytes,
    };
  }

  /** Excludes the time since the last reading (a pause, an evaluation) from the speed. */
  restart(): void {
    this.lastReading = performance.now();
  }
}
