/**
 * Numbers of each step, kept on the device and read back together at a bounded rate: a step never waits for a number.
 */
import { tf } from '../engine/tf';
import type { Phase, RunEvent } from './events';

interface Entry {
  step: number;
  learningRate: number;
  names: string[];
  /** [P], owned here until read */
  values: tf.Tensor1D;
}
export type StepEvent = Extract<RunEvent, { type: 'step' }>;

export class Meter {
  private readonly phase: Phase;
  private entries: Entry[] = [];

  constructor(phase: Phase) {
    this.phase = phase;
  }

  /** Takes scalars of one step; they stay the caller's. */
  record(step: number, learningRate: number, values: Readonly<Record<string, tf.Scalar>>): void {
    const names = Object.keys(values);
    if (names.length === 0) return;
    const stacked = tf.tidy(() => tf.keep(tf.stack(Object.values(values))) as tf.Tensor1D);
    this.entries.push({ step, learningRate, names, values: stacked });
  }

  /** Reads everything recorded since the last time, in one transfer. */
  async flush(): Promise<StepEvent[]> {
    const entries = this.entries;
    if (entries.length === 0) return [];
    this.entries = [];
    const all = tf.tidy(() => tf.concat(entries.map((entry) => entry.values)));
    entries.forEach((entry) => entry.values.dispose());
    const numbers = await all.data<'float32'>();
    all.dispose();
    let at = 0;
    return entries.map(({ step, learningRate, names }) => {
      const values = Object.fromEntries(names.map((name) => [name, numbers[at++]!]));
      return { type: 'step', phase: this.phase, step, learningRate, values };
    });
  }

  dispose(): void {
    this.entries.forEach((entry) => entry.values.dispose());
    this.entries = [];
  }
}
