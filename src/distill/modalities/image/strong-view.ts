/** A strongly changed view of an image, for hints that compare two views. */
import type { Split } from '../../../data/dataset';
import type { RandomStream } from '../../../random/streams';
import type { Normalisation } from '../input-source';
import { drawMoves, type ImageSource } from './image-source';

/**
 * Strong views of rows of a split, [rows*H*W*C] normalised: a shift by up to an eighth of the side, a new contrast and
 * brightness, and one square blotted out, all drawn anew. In the manner of RandAugment, whose own list of changes is
 * made for photographs; mirroring is left to the material's own knob, since letters and digits do not bear it.
 */
export function strongViews(
  source: ImageSource,
  split: Split,
  rows: ArrayLike<number>,
  normalisation: Normalisation,
  random: RandomStream,
): Float32Array {
  const { height, width, channels, size } = source;
  const shift = Math.max(1, Math.round(Math.min(height, width) / 8));
  const moves = drawMoves({ shift, flip: false, random }, rows.length);
  const images = source.batch(split, rows, normalisation, moves);
  for (let i = 0; i < rows.length; i++) {
    const image = images.subarray(i * size, (i + 1) * size);
    const contrast = 0.5 + random.uniform();
    const brightness = random.uniform() - 0.5;
    for (let p = 0; p < size; p++) image[p] = image[p]! * contrast + brightness;
    blot(image, height, width, channels, random);
  }
  return images;
}

/** Sets a square of a quarter of the shorter side to the mean (0 after normalising), at a random place. */
function blot(
  image: Float32Array,
  height: number,
  width: number,
  channels: number,
  random: RandomStream,
): void {
  const side = Math.max(1, Math.round(Math.min(height, width) / 4));
  const top = random.below(height - side + 1);
  const left = random.below(width - side + 1);
  for (let y = top; y < top + side; y++)
    image.fill(0, (y * width + left) * channels, (y * width + left + side) * channels);
}
