/** How fast a phase goes, and when numbers are due to be read back. */
import { tf } from '../engine/tf';
import type { RunEvent } from './events';

/** Numbers go to the page at most this often. */
const readingInterval = 100;

export class Throughput {
  private lastReading = performance.now();
  private lastStep = 0;
  /** Exponential mean of steps per second, 0 before the first reading. */
  private rate = 0;

  get readingDue(): boolean {
    return performance.now() - this.lastReading >= readingInterval;
  }

  /** Marks a reading at `step` and tells the speed since the last one. */
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

  /** Time spent elsewhere (a pause, an evaluation) does not count as slow steps. */
  restart(): void {
    this.lastReading = performance.now();
  }
}
