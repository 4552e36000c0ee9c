/**
 * Log-mel spectrograms: the power of a sound in bands that are as wide as the ear tells tones apart, over time, in
 * decibels. Bands after O'Shaughnessy (1987), mel = 2595 log10(1 + f / 700); windows of Hann.
 */
export interface MelShape {
  /** Bands, rows of the picture. */
  bands: number;
  /** Columns of the picture. */
  frames: number;
  /** Length of the sound, seconds; shorter ones are followed by silence. */
  seconds: number;
  /** Upper end of the highest band, Hz. */
  highest: number;
}

/** Below the loudest point, decibels; what is quieter is black. */
export const depth = 80;
/** Shortest window, seconds: tones of 40 Hz come through. */
const shortestWindow = 0.025;
const lowest = 20;

/**
 * The spectrogram of samples as grey bytes [bands*frames], low tones in the last row. The loudest point is white, 80
 * dB below it black; silence is black.
 */
export function logMel(samples: Float32Array, rate: number, shape: MelShape): Uint8Array {
  const { bands, frames, seconds } = shape;
  const hop = (seconds * rate) / frames;
  // Neighbouring windows overlap by half or more, so that no moment is lost.
  const size = 2 ** Math.ceil(Math.log2(Math.max(2 * hop, shortestWindow * rate, 32)));
  const { window, filters } = tablesFor(shape, rate, size);
  const power = new Float64Array(bands * frames);
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  let loudest = 0;
  for (let t = 0; t < frames; t++) {
    const middle = Math.round((t + 0.5) * hop);
    for (let i = 0; i < size; i++) re[i] = window[i]! * (samples[middle - size / 2 + i] ?? 0);
    im.fill(0);
    fft(re, im);
    for (const [band, { first, weights }] of filters.entries()) {
      let sum = 0;
      for (const [k, weight] of weights.entries())
        sum += weight * (re[first + k]! ** 2 + im[first + k]! ** 2);
      power[band * frames + t] = sum;
      if (sum > loudest) loudest = sum;
    }
  }
  const grey = new Uint8Array(bands * frames);
  if (loudest === 0) return grey;
  for (let band = 0; band < bands; band++)
    for (let t = 0; t < frames; t++) {
      const below = 10 * Math.log10(Math.max(power[band * frames + t]! / loudest, 1e-12));
      grey[(bands - 1 - band) * frames + t] = Math.round(255 * Math.max(0, 1 + below / depth));
    }
  return grey;
}

interface Tables {
  /** [size] of Hann. */
  window: Float64Array;
  filters: Filter[];
}

/** Those of the last sound: sounds of a set have the same. */
let last: { key: string; tables: Tables } | null = null;

function tablesFor(shape: MelShape, rate: number, size: number): Tables {
  const key = [shape.bands, shape.highest, rate, size].join();
  if (last?.key !== key) {
    const window = Float64Array.from(
      { length: size },
      (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size),
    );
    last = { key, tables: { window, filters: melFilters(shape, rate, size) } };
  }
  return last.tables;
}

interface Filter {
  /** The first bin of the spectrum, and the weights from there on. */
  first: number;
  weights: number[];
}

/** Triangles between neighbouring bands; where a band is narrower than a bin, its nearest bin. */
function melFilters({ bands, highest }: MelShape, rate: number, size: number): Filter[] {
  const mel = (frequency: number) => 2595 * Math.log10(1 + frequency / 700);
  const hertz = (value: number) => 700 * (10 ** (value / 2595) - 1);
  const [low, high] = [mel(lowest), mel(highest)];
  const edges = Array.from({ length: bands + 2 }, (_, i) => hertz(low + ((high - low) * i) / (bands + 1)));
  const bin = rate / size;
  const last = size / 2;
  return Array.from({ length: bands }, (_, band) => {
    const [from, middle, to] = edges.slice(band, band + 3) as [number, number, number];
    const first = Math.max(1, Math.ceil(from / bin));
    const weights: number[] = [];
    for (let k = first; k <= Math.min(last, Math.floor(to / bin)); k++) {
      const frequency = k * bin;
      weights.push(
        frequency <= middle ? (frequency - from) / (middle - from) : (to - frequency) / (to - middle),
      );
    }
    if (weights.some((weight) => weight > 0) || middle > rate / 2) return { first, weights };
    return { first: Math.max(1, Math.min(last, Math.round(middle / bin))), weights: [1] };
  });
}

/** Fourier transform in place (Cooley and Tukey); the length is a power of two. */
function fft(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j]!, re[i]!];
      [im[i], im[j]] = [im[j]!, im[i]!];
    }
  }
  for (let length = 2; length <= n; length *= 2) {
    const angle = (-2 * Math.PI) / length;
    const half = length / 2;
    for (let k = 0; k < half; k++) {
      const [wr, wi] = [Math.cos(angle * k), Math.sin(angle * k)];
      for (let i = k; i < n; i += length) {
        const j = i + half;
        const [tr, ti] = [re[j]! * wr - im[j]! * wi, re[j]! * wi + im[j]! * wr];
        re[j] = re[i]! - tr;
        im[j] = im[i]! - ti;
        re[i]! += tr;
        im[i]! += ti;
      }
    }
  }
}
