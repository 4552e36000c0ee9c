/**
 * Metrics of each step. They stay on the device and are read back together at a bounded rate, so that no step waits for
 * them.
 */
import { deviceFaults } from '../engine/device-care';
import { tf } from '../engine/tf';
import type { Phase, RunEvent } from './events';

interface Entry {
  step: number;
  learningRate: number;
}
/** Scalars of an eager step. */
interface Recorded extends Entry {
  names: string[];
  /** [P], owned here until read */
  values: tf.Tensor1D;
}
/** Numbers of a replayed step, as a promise. */
interface Expected extends Entry {
  numbers: Promise<Record<string, Float32Array>>;
}
export type StepEvent = Extract<RunEvent, { type: 'step' }>;

export class StepMetrics {
  readonly phase: Phase;
  private entries: (Recorded | Expected)[] = [];
  private readonly faultsBefore = deviceFaults().length;

  constructor(phase: Phase) {
    this.phase = phase;
  }

  /** Takes the scalars of one step; they stay owned by the caller. */
  record(step: number, learningRate: number, values: Readonly<Record<string, tf.Scalar>>): void {
    const stacked = tf.tidy(() => tf.keep(tf.stack(Object.values(values))) as tf.Tensor1D);
    this.entries.push({ step, learningRate, names: Object.keys(values), values: stacked });
  }

  /** Takes the numbers of a replayed step. */
  expect(step: number, learningRate: number, numbers: Promise<Record<string, Float32Array>>): void {
    // A rejection is handled in `flush`; until then it must not count as unhandled.
    numbers.catch(() => undefined);
    this.entries.push({ step, learningRate, numbers });
  }

  /**
   * Reads back everything since the last call, in one transfer.
   * @throws Error when the device has refused a computation meanwhile, after which its numbers are wrong
   */
  async flush(): Promise<StepEvent[]> {
    const entries = this.entries;
    this.entries = [];
    const recorded = entries.filter((entry) => 'names' in entry);
    const read = await readTogether(recorded);
    const events = await Promise.all(
      entries.map(async (entry): Promise<StepEvent> => {
        const { step, learningRate } = entry;
        const values = 'names' in entry ? read.get(entry)! : firstOfEach(await entry.numbers);
        return { type: 'step', phase: this.phase, step, learningRate, values };
      }),
    );
    const fault = deviceFaults()[this.faultsBefore];
    if (fault !== undefined)
      throw new Error(`the graphics card refused a computation (${fault.split('\n')[0]})`);
    return events;
  }

  dispose(): void {
    for (const entry of this.entries) if ('names' in entry) entry.values.dispose();
    this.entries = [];
  }
}

async function readTogether(entries: readonly Recorded[]): Promise<Map<Recorded, Record<string, number>>> {
  if (entries.length === 0) return new Map();
  const all = tf.tidy(() => tf.concat(entries.map((entry) => entry.values)));
  entries.forEach((entry) => entry.values.dispose());
  const numbers = await all.data<'float32'>();
  all.dispose();
  let at = 0;
  return new Map(
    entries.map((entry) => [entry, Object.fromEntries(entry.names.map((name) => [name, numbers[at++]!]))]),
  );
}

function firstOfEach(numbers: Record<string, Float32Array>): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).map(([name, values]) => [name, values[0]!]));
}
