/** Disturbed images: less contrast, a blur, noise; each by a knob, for training and test images apart. */
import { onlyView, type ImageSpec, type Split } from '../../data/dataset';
import type { RandomStream } from '../../random/streams';

export interface Disturbance {
  /** Deviation of the noise of each value, in % of the range from black to white. */
  noise: number;
  /** Pixels to each side that a pixel is averaged with; 0 for none. */
  blur: number;
  /** In %: values are moved away from the middle grey (above 100) or towards it. */
  contrast: number;
}

/** Contrast, then blur, then noise. The split itself where nothing is to be changed. */
export function disturbed(
  split: Split,
  spec: ImageSpec,
  { noise, blur, contrast }: Disturbance,
  random: RandomStream,
): Split {
  if (noise === 0 && blur === 0 && contrast === 100) return split;
  const { values, shape } = split.inputs[onlyView]!;
  const size = spec.height * spec.width * spec.channels;
  const out = new Uint8Array(values.length);
  for (let row = 0; row < split.count; row++) {
    const image = Float64Array.from(
      values.subarray(row * size, (row + 1) * size),
      (value) => 127.5 + ((value - 127.5) * contrast) / 100,
    );
    const smooth = blur > 0 ? blurred(image, spec, blur) : image;
    for (let p = 0; p < size; p++) {
      const value = smooth[p]! + (noise > 0 ? (255 * noise * random.normal()) / 100 : 0);
      out[row * size + p] = Math.round(Math.min(Math.max(value, 0), 255));
    }
  }
  return { ...split, inputs: { ...split.inputs, [onlyView]: { values: out, shape } } };
}

/** Mean over a square of 2*radius+1 pixels, smaller at the edge. */
function blurred(image: Float64Array, { height, width, channels }: ImageSpec, radius: number): Float64Array {
  const out = new Float64Array(image.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++) {
        let [sum, count] = [0, 0];
        for (let v = Math.max(0, y - radius); v <= Math.min(height - 1, y + radius); v++)
          for (let u = Math.max(0, x - radius); u <= Math.min(width - 1, x + radius); u++) {
            sum += image[(v * width + u) * channels + c]!;
            count++;
          }
        out[(y * width + x) * channels + c] = sum / count;
      }
  return out;
}
