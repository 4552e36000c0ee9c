/** Rows of a table as small pictures: a bar per column, up or down from the mean, so that they can be tiles like images. */
import type { TrackedSamples } from '../../training/events';
import type { ImageStack } from '../data/pixels';

/** Per column, over some rows. */
export interface ColumnScale {
  mean: number[];
  /** 1 where all values are the same */
  deviation: number[];
}

const height = 16;
/** More columns than this are left out of the picture; the sample inspector lists more. */
const mostColumns = 48;
/** Deviations that fill half of the height. */
const reach = 2.5;
const [paper, above, below] = [
  [240, 240, 236],
  [0, 114, 178],
  [213, 94, 0],
] as const;

/** @param values [N*columns] */
export function columnScale(values: ArrayLike<number>, columns: number): ColumnScale {
  const rows = Math.max(1, values.length / columns);
  const mean = new Array<number>(columns).fill(0);
  const variance = new Array<number>(columns).fill(0);
  for (let i = 0; i < values.length; i += 1) mean[i % columns]! += values[i]! / rows;
  for (let i = 0; i < values.length; i += 1)
    variance[i % columns]! += (values[i]! - mean[i % columns]!) ** 2 / rows;
  return { mean, deviation: variance.map((value) => (value > 0 ? Math.sqrt(value) : 1)) };
}

/** How many deviations a value lies from the mean of its column. */
export function standardised({ mean, deviation }: ColumnScale, column: number, value: number): number {
  return (value - mean[column]!) / deviation[column]!;
}

/** @param values [N*columns] */
export function rowStack(values: ArrayLike<number>, columns: number, scale: ColumnScale): ImageStack {
  const shown = Math.min(columns, mostColumns);
  const bar = Math.max(1, Math.floor(16 / shown));
  const width = shown * bar;
  const rows = values.length / columns;
  const pixels = new Uint8Array(rows * height * width * 3);
  for (let row = 0; row < rows; row += 1)
    for (let x = 0; x < width; x += 1) {
      const column = Math.floor(x / bar);
      const z = standardised(scale, column, values[row * columns + column]!);
      const length = Math.round(Math.min(1, Math.abs(z) / reach) * (height / 2));
      for (let y = 0; y < height; y += 1) {
        const isBar =
          z > 0 ? y < height / 2 && y >= height / 2 - length : y >= height / 2 && y < height / 2 + length;
        pixels.set(isBar ? (z > 0 ? above : below) : paper, ((row * height + y) * width + x) * 3);
      }
    }
  return { pixels, height, width, channels: 3 };
}

const scales = new WeakMap<TrackedSamples, ColumnScale>();

/** Mean and deviation of each column over the tracked samples; null for images. */
export function trackedScale(tracked: TrackedSamples): ColumnScale | null {
  const { vectors } = tracked;
  if (!vectors) return null;
  const known = scales.get(tracked) ?? columnScale(vectors.values, vectors.names.length);
  scales.set(tracked, known);
  return known;
}

const stacks = new WeakMap<TrackedSamples, ImageStack>();

/** The tracked samples as pictures: themselves, or their rows as bars. */
export function trackedStack(tracked: TrackedSamples): ImageStack {
  const { vectors } = tracked;
  if (!vectors) return tracked;
  const known = stacks.get(tracked);
  if (known) return known;
  const columns = vectors.names.length;
  const stack = rowStack(vectors.values, columns, trackedScale(tracked)!);
  stacks.set(tracked, stack);
  return stack;
}
