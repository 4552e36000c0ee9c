/** A strongly changed view of an image, for hints that compare two views. */
import type { Split } from '../../../data/dataset';
import type { RandomStream } from '../../../random/streams';
import type { Normalisation } from '../input-source';
import { drawMoves, scaledMoves, type ImageSource } from './image-source';

/** How images are changed, in pixels of the source that it was drawn for. */
export interface StrongChanges {
  moves: Int32Array;
  /** Per image: new contrast and brightness, and the corner of the square that is blotted out. */
  images: { contrast: number; brightness: number; top: number; left: number }[];
  /** Of that square: a quarter of the shorter side. */
  side: number;
}

/**
 * Draws strong changes of `count` images: a shift by up to an eighth of the side, a new contrast and brightness, and one
 * square blotted out. In the manner of RandAugment, whose own list of changes is made for photographs; mirroring is left
 * to the material's own knob, since letters and digits do not bear it.
 */
export function drawStrongChanges(
  { height, width }: Pick<ImageSource, 'height' | 'width'>,
  count: number,
  random: RandomStream,
): StrongChanges {
  const shift = Math.max(1, Math.round(Math.min(height, width) / 8));
  const side = Math.max(1, Math.round(Math.min(height, width) / 4));
  return {
    moves: drawMoves({ shift, flip: false, random }, count),
    images: Array.from({ length: count }, () => ({
      contrast: 0.5 + random.uniform(),
      brightness: random.uniform() - 0.5,
      top: random.below(height - side + 1),
      left: random.below(width - side + 1),
    })),
    side,
  };
}

/**
 * Rows of a split under strong changes, [rows*H*W*C] normalised.
 * @param by how many times longer the sides of this source are than those that the changes were drawn for
 */
export function strongViews(
  source: ImageSource,
  split: Split,
  rows: ArrayLike<number>,
  normalisation: Normalisation,
  { moves, images: changes, side }: StrongChanges,
  by: number,
): Float32Array {
  const { width, channels, size } = source;
  const images = source.batch(split, rows, normalisation, by === 1 ? moves : scaledMoves(moves, by));
  changes.forEach(({ contrast, brightness, top, left }, i) => {
    const image = images.subarray(i * size, (i + 1) * size);
    for (let p = 0; p < size; p++) image[p] = image[p]! * contrast + brightness;
    // The mean is 0 after normalising.
    for (let y = top * by; y < (top + side) * by; y++)
      image.fill(0, (y * width + left * by) * channels, (y * width + (left + side) * by) * channels);
  });
  return images;
}
