/** Maps the numbers of a file to 0..255. */
import type { ImportContext } from './import-context';

export interface ValueRange {
  min: number;
  max: number;
  /** All numbers are whole. */
  whole: boolean;
}

export interface PixelScale {
  /** Pixel = (value + shift) * factor. */
  shift: number;
  factor: number;
  /** What was decided, as a warning; null when there was no choice. */
  sentence: string | null;
}

type Kind = 'bytes' | 'unit' | 'signed' | 'words' | 'largest' | 'spread';

/**
 * How numbers of this range become pixels. Whole numbers up to 255 are bytes already, unless the maximum is 16 or
 * below: old scanners counted dark dots of 4x4 blocks, and masks hold 0 and 1. Fractions are 0..1 or -1..1 unless
 * they exceed 2.
 */
export function pixelScale(range: ValueRange): PixelScale {
  return scaleOf(likelyKind(range), range);
}

/** The same, unless the user chose another way. */
export function chosenScale(range: ValueRange, context: ImportContext): PixelScale {
  const likely = likelyKind(range);
  const { min, max } = range;
  const options: { value: Kind; text: string }[] = [
    { value: 'bytes', text: 'from 0 to 255' },
    { value: 'unit', text: 'from 0 to 1' },
    { value: 'signed', text: 'from −1 to 1' },
    { value: 'words', text: 'from 0 to 65,535' },
    { value: 'largest', text: `from 0 to ${short(max)}, the largest` },
    { value: 'spread', text: `from ${short(min)} to ${short(max)}, as found` },
  ];
  return scaleOf(context.pick('values', 'Pixel values run', options, likely) ?? likely, range);
}

function likelyKind({ min, max, whole }: ValueRange): Kind {
  if (min < 0) return min >= -1 && max <= 1 ? 'signed' : 'spread';
  if (whole && max > 0 && max <= 16) return 'largest';
  if (max <= 1) return 'unit';
  if (max <= 2) return 'largest';
  if (max <= 255) return 'bytes';
  return max > 4095 && max <= 65_535 ? 'words' : 'largest';
}

function scaleOf(kind: Kind, { min, max }: ValueRange): PixelScale {
  switch (kind) {
    case 'bytes':
      return { shift: 0, factor: 1, sentence: null };
    case 'unit':
      return { shift: 0, factor: 255, sentence: null };
    case 'signed':
      return {
        shift: 1,
        factor: 127.5,
        sentence: 'Pixel values run from −1 to 1; −1 was taken as black.',
      };
    case 'words':
      return {
        shift: 0,
        factor: 255 / 65_535,
        sentence: 'Pixel values are 16-bit; 65,535 was taken as white.',
      };
    case 'largest':
      return {
        shift: 0,
        factor: 255 / (max || 1),
        sentence: `Pixel values run up to ${short(max)}, which was taken as white.`,
      };
    case 'spread':
      return {
        shift: -min,
        factor: 255 / (max - min || 1),
        sentence: `Pixel values run from ${short(min)} to ${short(max)}; the lowest was taken as black, the highest as white.`,
      };
  }
}

function short(value: number): string {
  return String(Number(value.toPrecision(4))).replace('-', '−');
}
