/** Image sizes and resampling. */
import type { ImportContext } from './import-context';
import type { GuessOption } from './import-report';
import { bytesInWords, largestSide, proposedSide, smallestSide } from './limits';

export interface Size {
  height: number;
  width: number;
}

/**
 * The size an image is trained at: its own when both sides are within 8 and `longestSide`, otherwise the nearest size of
 * the same shape.
 */
export function studiedSize({ height, width }: Size, longestSide = proposedSide): Size {
  const longest = Math.max(height, width);
  const shortest = Math.min(height, width);
  const scale =
    longest > longestSide ? longestSide / longest : shortest < smallestSide ? smallestSide / shortest : 1;
  return { height: clampSide(height * scale), width: clampSide(width * scale) };
}

/** Longest sides that larger images may be brought to. */
const offeredSides = [proposedSide, 96, 128, 160, largestSide];

/**
 * The same, unless the user chose another size. Images larger than what is proposed may keep more of their pixels: that is
 * a question in view, with the bytes that each answer takes.
 * @param count of images
 */
export function chosenSize(found: Size, count: number, context: ImportContext): Size {
  const { height, width } = isLarge(found) ? sizeAsked(found, count, context) : studiedSize(found);
  const bounds = { min: smallestSide, max: largestSide, unit: 'pixels' };
  return {
    height: context.number('imageHeight', 'Image height', bounds, height),
    width: context.number('imageWidth', 'Image width', bounds, width),
  };
}

function isLarge({ height, width }: Size): boolean {
  return Math.max(height, width) > proposedSide;
}

function sizeAsked(found: Size, count: number, context: ImportContext): Size {
  const own = Math.min(largestSide, Math.max(found.height, found.width));
  const sides = [...new Set([...offeredSides.filter((side) => side < own), own])];
  const options = sides.flatMap((side): GuessOption[] => {
    const size = studiedSize(found, side);
    // In colour, which is only known when all images have been decoded.
    const bytes = 3 * count * size.height * size.width;
    if (side > proposedSide && bytes > context.limits.pixelBytes) return [];
    const text = `${size.height}×${size.width}, ${bytesInWords(bytes)} in colour`;
    return [{ value: String(side), text, image: { ...size, bytes } }];
  });
  const first = String(proposedSide);
  const picked = options.length > 1 ? context.pick('imageSize', 'Size of the images', options, first) : first;
  return studiedSize(found, Number(picked ?? first));
}

function clampSide(side: number): number {
  return Math.min(largestSide, Math.max(smallestSide, Math.round(side)));
}

/** Median height and median width. The lower median, so that it is a size that occurs. */
export function medianSize(sizes: readonly Size[]): Size {
  const middle = (values: number[]) => values.sort((a, b) => a - b)[(values.length - 1) >> 1]!;
  return { height: middle(sizes.map((s) => s.height)), width: middle(sizes.map((s) => s.width)) };
}

/** Resamples one image (`channels` interleaved): area average when shrinking, linear when enlarging. */
export function resize(
  from: ArrayLike<number>,
  fromSize: Size,
  to: Uint8Array,
  toSize: Size,
  channels: number,
): void {
  const rows = axisWeights(fromSize.height, toSize.height);
  const columns = axisWeights(fromSize.width, toSize.width);
  const narrow = scratch(fromSize.height * toSize.width * channels);
  for (let y = 0; y < fromSize.height; y++)
    for (let x = 0; x < toSize.width; x++) {
      const { first, weights } = columns[x]!;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++)
          sum += weights[k]! * from[(y * fromSize.width + first + k) * channels + c]!;
        narrow[(y * toSize.width + x) * channels + c] = sum;
      }
    }
  const rowLength = toSize.width * channels;
  for (let y = 0; y < toSize.height; y++) {
    const { first, weights } = rows[y]!;
    for (let i = 0; i < rowLength; i++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * narrow[(first + k) * rowLength + i]!;
      to[y * rowLength + i] = Math.round(sum);
    }
  }
}

let kept = new Float64Array(0);

/** Reused memory for intermediate values, valid until the next call; it avoids an allocation per picture. */
function scratch(length: number): Float64Array {
  if (kept.length < length) kept = new Float64Array(length);
  return kept;
}

interface Tap {
  first: number;
  weights: number[];
}

const known = new Map<string, Tap[]>();

/** For each of `to` pixels along an axis: which of the `from` pixels contribute, and their weights. */
function axisWeights(from: number, to: number): Tap[] {
  const key = `${from}/${to}`;
  let taps = known.get(key);
  if (!taps) {
    taps = Array.from({ length: to }, (_, i) => (from >= to ? areaTap(from, to, i) : linearTap(from, to, i)));
    // Bounds the cache for sets in which every picture has another size; most sets have few sizes.
    if (known.size > 64) known.clear();
    known.set(key, taps);
  }
  return taps;
}

function areaTap(from: number, to: number, i: number): Tap {
  const start = (i * from) / to;
  const end = ((i + 1) * from) / to;
  const first = Math.floor(start + 1e-9);
  const last = Math.min(from, Math.ceil(end - 1e-9));
  const weights: number[] = [];
  for (let k = first; k < last; k++)
    weights.push((Math.min(end, k + 1) - Math.max(start, k)) / (end - start));
  return { first, weights };
}

function linearTap(from: number, to: number, i: number): Tap {
  const centre = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
  const first = Math.min(Math.floor(centre), Math.max(0, from - 2));
  const share = centre - first;
  return { first, weights: from === 1 ? [1] : [1 - share, share] };
}
