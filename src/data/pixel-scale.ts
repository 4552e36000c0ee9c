/** From the numbers a file holds to 0..255. */

export interface ValueRange {
  min: number;
  max: number;
  /** Every number is whole. */
  whole: boolean;
}

export interface PixelScale {
  /** Pixel = (value + shift) * factor. */
  shift: number;
  factor: number;
  /** What was decided, when it is worth telling. */
  sentence: string | null;
}

/**
 * How numbers of this range become pixels. Whole numbers up to 255 are bytes already, unless they stop at 16 or
 * below: scanners of the nineties counted dark dots of 4x4 blocks, and masks hold 0 and 1. Fractions are 0..1 or
 * -1..1 unless they go above 2.
 */
export function pixelScale({ min, max, whole }: ValueRange): PixelScale {
  if (min < 0) {
    if (min >= -1 && max <= 1)
      return { shift: 1, factor: 127.5, sentence: 'Pixel values run from −1 to 1; −1 was taken as black.' };
    return {
      shift: -min,
      factor: 255 / (max - min || 1),
      sentence: `Pixel values run from ${short(min)} to ${short(max)}; the lowest was taken as black, the highest as white.`,
    };
  }
  if (whole && max > 0 && max <= 16) return byLargest(max);
  if (max <= 1) return { shift: 0, factor: 255, sentence: null };
  if (max <= 2) return byLargest(max);
  if (max <= 255) return { shift: 0, factor: 1, sentence: null };
  if (max > 4095 && max <= 65_535)
    return {
      shift: 0,
      factor: 255 / 65_535,
      sentence: 'Pixel values are 16-bit; 65,535 was taken as white.',
    };
  return byLargest(max);
}

function byLargest(max: number): PixelScale {
  return {
    shift: 0,
    factor: 255 / max,
    sentence: `Pixel values run up to ${short(max)}, which was taken as white.`,
  };
}

function short(value: number): string {
  return String(Number(value.toPrecision(4))).replace('-', '−');
}
