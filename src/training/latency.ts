/** How long a network takes to answer, on this machine and backend. */
import { tf } from '../engine/tf';
import { instancesPerPass, type LogitsFn } from './evaluate';
import type { Latency } from './events';

/** Timed samples behind a median. */
export const latencySamples = 31;
/** Instances of a batch, where no other number is asked for. */
export const latencyBatch = 64;
/** Passes before the first sample: kernels compile in the first one. */
const warmUp = 3;
/** A sample lasts at least so many milliseconds: browsers tell the time to a tenth of one at worst. */
const sampleMs = 2;

/**
 * Medians of forward passes on black inputs, each until its outputs are read back. Leaves no tensor behind.
 * @param shape of one input
 * @param most milliseconds that a median may take to measure
 * @returns null where even one instance would take longer; a batch is left out where it would, or is too large to hold
 */
export async function latencyOf(
  answers: LogitsFn,
  shape: readonly number[],
  batch: number,
  most: number,
): Promise<Latency | null> {
  const one = await median(answers, [1, ...shape], most);
  if (one === null) return null;
  const size = shape.reduce((product, side) => product * side, 1);
  // Twice as many as in a pass of an evaluation.
  const fits = batch <= 2 * instancesPerPass(size);
  return { one, batch: fits ? await median(answers, [batch, ...shape], most) : null };
}

async function median(answers: LogitsFn, shape: number[], most: number): Promise<number | null> {
  const inputs = tf.zeros(shape);
  const pass = async () => {
    const out = tf.tidy(() => answers(inputs));
    await out.data();
    out.dispose();
  };
  const timed = async (passes: number) => {
    const from = performance.now();
    for (let i = 0; i < passes; i++) await pass();
    return (performance.now() - from) / passes;
  };
  try {
    await pass();
    // The quicker of the others: a single one may have been held up by something else.
    let about = Infinity;
    for (let i = 1; i < warmUp; i++) about = Math.min(about, await timed(1));
    const passes = Math.max(1, Math.ceil(sampleMs / Math.max(about, sampleMs / 64)));
    if (about * passes * latencySamples > most) return null;
    const samples: number[] = [];
    for (let i = 0; i < latencySamples; i++) samples.push(await timed(passes));
    return samples.sort((a, b) => a - b)[latencySamples >> 1]!;
  } finally {
    inputs.dispose();
  }
}
