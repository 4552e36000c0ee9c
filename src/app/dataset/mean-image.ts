/** The mean of many images, worked out in small pieces so that the page stays awake. */
import type { ImageSet } from '../../storage/image-set';
import { eachImage } from '../../storage/set-rows';
import type { ImageStack } from '../data/pixels';

/** Pixels added up before the page gets its turn. */
const piece = 1_000_000;

/**
 * The mean image as a stack of one; null when `signal` is aborted first, or without images.
 * @throws DOMException (by rejection) when the images cannot be read
 */
export async function meanImage(
  dataset: ImageSet,
  images: readonly number[],
  signal: AbortSignal,
): Promise<ImageStack | null> {
  const { height, width, channels } = dataset;
  const size = height * width * channels;
  const sums = new Float64Array(size);
  const perPiece = Math.max(1, Math.floor(piece / size));
  const add = (pixels: Uint8Array) => {
    for (let i = 0; i < size; i += 1) sums[i]! += pixels[i]!;
  };
  for (let start = 0; start < images.length; start += perPiece) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (signal.aborted) return null;
    await eachImage(dataset, images.slice(start, start + perPiece), add, signal);
    if (signal.aborted) return null;
  }
  if (images.length === 0) return null;
  return { pixels: Uint8Array.from(sums, (sum) => Math.round(sum / images.length)), height, width, channels };
}
