/** Logits of a network on many images, in batches of one fixed size. */
import type { Strata } from '../distill/tasks/task';
import type { Split } from '../data/dataset';
import type { InputSource, Normalisation } from '../distill/modalities/input-source';
import { tf, type Tensor } from '../engine/tf';
import type { RandomStream } from '../random/streams';

const batch = 128;

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
  const size = Math.min(batch, rows.length);
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
  { shape }: InputSource,
  sizes: readonly number[],
): (() => Record<string, Tensor>)[] {
  const batches = new Set(sizes.filter((size) => size > 0).map((size) => Math.min(batch, size)));
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
