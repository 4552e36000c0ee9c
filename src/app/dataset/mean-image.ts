/** The mean of many images, worked out in small pieces so that the page stays awake. */
import type { Dataset } from '../../data/dataset';
import type { ImageStack } from '../data/pixels';
import { placeOf } from './one-image';

/** Pixels added up before the page gets its turn. */
const piece = 1_000_000;

/** The mean image as a stack of one; null when `signal` is aborted first, or without images. */
export async function meanImage(
  dataset: Dataset,
  images: readonly number[],
  signal: AbortSignal,
): Promise<ImageStack | null> {
  const { height, width, channels } = dataset;
  const size = height * width * channels;
  const sums = new Float64Array(size);
  const perPiece = Math.max(1, Math.floor(piece / size));
  for (let start = 0; start < images.length; start += perPiece) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (signal.aborted) return null;
    for (const image of images.slice(start, start + perPiece)) {
      const { split, row } = placeOf(dataset, image);
      const from = row * size;
      for (let i = 0; i < size; i += 1) sums[i]! += split.images[from + i]!;
    }
  }
  if (images.length === 0) return null;
  return { pixels: Uint8Array.from(sums, (sum) => Math.round(sum / images.length)), height, width, channels };
}
