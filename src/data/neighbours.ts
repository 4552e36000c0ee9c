/** Which arrangement of the numbers of a row makes a picture: in the right one neighbouring pixels are alike. */
import type { OptionSamples } from './import-report';
import type { Layout } from './layout';

/** Reads a number of an array. */
export type ValueAt = (index: number) => number;

/** Pictures that are looked at. */
const looked = 24;

/** Mean difference between neighbouring pixels of the same colour, over some pictures; NaN without finite numbers. */
export function roughness({ count, height, width, channels, strides }: Layout, at: ValueAt): number {
  let sum = 0;
  let pairs = 0;
  const step = Math.max(1, Math.floor(count / looked));
  for (let n = 0; n < count; n += step)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++) {
          const from = n * strides.image + y * strides.row + x * strides.column + c * strides.channel;
          const value = at(from);
          if (!Number.isFinite(value)) continue;
          for (const next of [
            x + 1 < width ? from + strides.column : -1,
            y + 1 < height ? from + strides.row : -1,
          ]) {
            if (next < 0) continue;
            const other = at(next);
            if (!Number.isFinite(other)) continue;
            sum += Math.abs(other - value);
            pairs++;
          }
        }
  return pairs === 0 ? NaN : sum / pairs;
}

const shownPictures = 4;
/** Pictures of a larger side show nothing more. */
const largestShown = 64;

/** Some pictures as an arrangement shows them; the lowest number is black, the highest white. */
export function arrayPictures(layout: Layout, at: ValueAt): OptionSamples | null {
  const { count, height, width, channels, strides } = layout;
  if (Math.max(height, width) > largestShown) return null;
  const shown = Array.from({ length: Math.min(shownPictures, count) }, (_, i) =>
    Math.floor((i * count) / shownPictures),
  );
  const values = shown.map((n) => {
    const own = new Float64Array(height * width * 3);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < 3; c++)
          own[(y * width + x) * 3 + c] = at(
            n * strides.image +
              y * strides.row +
              x * strides.column +
              Math.min(c, channels - 1) * strides.channel,
          );
    return own;
  });
  let [min, max] = [Infinity, -Infinity];
  for (const own of values)
    for (const value of own) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
  const scale = 255 / (max - min || 1);
  const pixels = values.map((own) => Uint8Array.from(own, (value) => Math.round((value - min) * scale)));
  return { height, width, groups: [{ name: '', pixels }] };
}
