/** Logits of a network on many images, in batches of one fixed size. */
import type { Strata } from '../distill/tasks/task';
import type { Split } from '../data/dataset';
import type { InputSource, Normalisation } from '../distill/modalities/input-source';
import { tf, type Tensor } from '../engine/tf';
import type { RandomStream } from '../random/streams';

/** Instances of one forward pass, and numbers of all of them together: those of as many colour images of 64x64. */
const mostInstances = 128;
const mostNumbers = mostInstances * 64 * 64 * 3;

/**
 * How many instances are given to a network at once where none is trained: fewer of large images, because all maps of a
 * pass are held until its end.
 * @param size numbers of one instance
 */
export function instancesPerPass(size: number): number {
  return Math.max(1, Math.min(mostInstances, Math.floor(mostNumbers / size)));
}

/** Fewest instances whose losses are measured together. */
const fewestTogether = 16;

/**
 * Most instances that are measured in one pass because losses compare them with each other (tracked samples).
 * @param size numbers of one of them
 */
export function mostTogether(size: number): number {
  return Math.max(fewestTogether, instancesPerPass(size));
}

/** Maps images [B,H,W,C] to logits [B,C]; called inside a tidy. */
export type LogitsFn = (images: Tensor) => Tensor;

/**
 * Logits of the given rows, row-major [rows*C]. The last batch is padded with black images, so that shapes stay fixed.
 */
export async function logitsOf(
  answers: LogitsFn,
  source: InputSource,
  split: Split,
  rows: Int32Array,
  normalisation: Normalisation,
  classes: number,
): Promise<Float32Array> {
  const logits = new Float32Array(rows.length * classes);
  const size = Math.min(instancesPerPass(source.size), rows.length);
  for (let start = 0; start < rows.length; start += size) {
    const chunk = new Int32Array(size).fill(-1);
    chunk.set(rows.subarray(start, start + size));
    const out = tf.tidy(() => {
      const pixels = source.batch(split, chunk, normalisation);
      return answers(tf.tensor(pixels, [size, ...source.shape]));
    });
    const values = await out.data<'float32'>();
    out.dispose();
    logits.set(values.subarray(0, Math.min(size, rows.length - start) * classes), start * classes);
  }
  return logits;
}

/**
 * The computations of `logitsOf` for sets of so many rows, on black images, so that kernels can be compiled ahead.
 * @param sizes numbers of rows
 */
export function rehearsals(
  answers: LogitsFn,
  { shape, size: numbers }: InputSource,
  sizes: readonly number[],
): (() => Record<string, Tensor>)[] {
  const most = instancesPerPass(numbers);
  const batches = new Set(sizes.filter((size) => size > 0).map((size) => Math.min(most, size)));
  return [...batches].map((size) => () => ({
    logits: answers(tf.zeros([size, ...shape])),
  }));
}

/** At most `limit` of the rows, spread over the strata, the same ones each time for a seed. */
export function stratifiedSample(
  rows: ArrayLike<number>,
  { count, of }: Strata,
  limit: number,
  random: RandomStream,
): Int32Array {
  const all = random.shuffle(Int32Array.from(rows));
  if (all.length <= limit) return all.sort();
  const ofStratum: number[][] = Array.from({ length: count }, () => []);
  for (const row of all) ofStratum[of[row]!]!.push(row);
  const chosen: number[] = [];
  for (let round = 0; chosen.length < limit; round++)
    for (const candidates of ofStratum)
      if (chosen.length < limit && round < candidates.length) chosen.push(candidates[round]!);
  return Int32Array.from(chosen).sort();
}
