/** From bytes to the numbers a network reads: averaged blocks, augmentation, normalisation. */
import type { Column, Dataset, ImageSpec, Split } from '../../../data/dataset';
import { imageRow, StoredColumn } from '../../../data/stored-column';
import type { InputRange, InputSource, Normalisation } from '../input-source';
import { plainView, type InputView } from '../input-view';
import type { RandomStream } from '../../../random/streams';

/** One mean and deviation for all pixels, in units of 0..1. */
export type ImageNormalisation = Normalisation<number>;

export interface Augmentation {
  /** Largest shift in pixels. */
  shift: number;
  flip: boolean;
  /** Replaced when a run goes on from an earlier state. */
  random: RandomStream;
}

/** Gives batches of one data set, ready for a network. */
export class ImageSource implements InputSource {
  readonly spec: ImageSpec;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly view: InputView;
  private readonly dataset: Dataset;

  /** @param view whose block divides the sides of the images */
  constructor(dataset: Dataset, view: InputView = plainView) {
    const spec = dataset.inputs[view.input] as ImageSpec;
    this.dataset = dataset;
    this.spec = spec;
    this.view = view;
    this.height = spec.height / view.block;
    this.width = spec.width / view.block;
    this.channels = spec.channels;
  }

  get shape(): readonly [height: number, width: number, channels: number] {
    return [this.height, this.width, this.channels];
  }

  /** Numbers per image. */
  get size(): number {
    return this.height * this.width * this.channels;
  }

  /**
   * @param rows of `split`; a negative row gives a black image (padding of a last batch)
   * @param moves of each image, from `drawMoves`
   * @param out [rows*H*W*C] is written over
   * @returns `out`, normalised
   */
  batch(
    split: Split,
    rows: ArrayLike<number>,
    normalisation: Normalisation,
    moves: Int32Array | null = null,
    out = new Float32Array(rows.length * this.size),
  ): Float32Array {
    const { size } = this;
    const { scale, offset } = affineOf(normalisation as ImageNormalisation);
    for (let i = 0; i < rows.length; i++) {
      const at = i * size;
      if (rows[i]! >= 0) this.copyPixels(split, rows[i]!, out, at);
      else out.fill(0, at, at + size);
      if (moves)
        this.move(out.subarray(at, at + size), moves.subarray(i * numbersPerMove, (i + 1) * numbersPerMove));
      for (let p = at; p < at + size; p++) out[p] = out[p]! * scale + offset;
    }
    return out;
  }

  /** A split's images in this view, before blocks are averaged. */
  column(split: Split): Column {
    return split.inputs[this.view.input]!;
  }

  /** Bytes [H*W*C] of one of them. */
  pixelsOf(split: Split, row: number): Uint8Array {
    const { height, width, channels } = this.spec;
    return imageRow(this.column(split), row, height * width * channels);
  }

  /** Every number that `batch` can give, to the bit: of a pixel's byte, or of the sum of a block's bytes. */
  values(normalisation: ImageNormalisation): Float32Array {
    const { scale, offset } = affineOf(normalisation as ImageNormalisation);
    const summed = this.view.block ** 2;
    return Float32Array.from({ length: 255 * summed + 1 }, (_, sum) => (sum / summed) * scale + offset);
  }

  /** The images as bytes, as the student sees them, for pictures. */
  pictures(split: Split, rows: ArrayLike<number>): Uint8Array {
    const values = new Float32Array(this.size);
    const out = new Uint8Array(rows.length * this.size);
    for (let i = 0; i < rows.length; i++) {
      this.copyPixels(split, rows[i]!, values, 0);
      for (let p = 0; p < values.length; p++) out[i * this.size + p] = Math.round(values[p]!);
    }
    return out;
  }

  /** Mean and standard deviation of all pixels of the given rows of the training split, as the student sees them. */
  normalisation(rows: ArrayLike<number>): ImageNormalisation {
    const values = new Float32Array(this.size);
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < rows.length; i++) {
      this.copyPixels(this.dataset.train, rows[i]!, values, 0);
      for (const value of values) {
        sum += value;
        squares += value * value;
      }
    }
    const count = Math.max(1, rows.length * this.size);
    const mean = sum / count;
    const deviation = Math.sqrt(Math.max(squares / count - mean * mean, 0));
    // A set of one flat colour has no spread to divide by.
    return { mean: mean / 255, deviation: deviation > 1e-3 ? deviation / 255 : 1 };
  }

  range(normalisation: Normalisation): InputRange {
    const { scale, offset } = affineOf(normalisation as ImageNormalisation);
    return { low: [offset], high: [255 * scale + offset] };
  }

  /** Values 0..255 of one image, the means of its blocks (not rounded), from place `at` of `target` on. */
  private copyPixels(split: Split, row: number, target: Float32Array, at: number): void {
    const { width, channels } = this.spec;
    const column = this.column(split);
    // A view of each image would leave millions behind in a run, which other threads then clear away.
    const stored = column instanceof StoredColumn ? column.row(row) : null;
    const pixels = stored ?? column.values;
    const from = stored ? 0 : row * this.spec.height * width * channels;
    const { block } = this.view;
    if (block === 1) {
      // For a small image, `set` takes longer to begin than this takes.
      for (let p = 0; p < this.size; p++) target[at + p] = pixels[from + p]!;
      return;
    }
    const line = width * channels;
    let p = at;
    for (let y = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++) {
        const corner = from + block * (y * line + x * channels);
        for (let c = 0; c < channels; c++, p++) {
          let sum = 0;
          for (let v = 0; v < block; v++)
            for (let u = 0; u < block; u++) sum += pixels[corner + v * line + u * channels + c]!;
          target[p] = sum / block ** 2;
        }
      }
    }
  }

  /** Shifts (black enters at the edge) and mirrors one image in place. */
  private move(pixels: Float32Array, [dy, dx, mirrored]: ArrayLike<number> & Iterable<number>): void {
    if (dy === 0 && dx === 0 && !mirrored) return;
    const { height, width, channels } = this;
    const source = pixels.slice();
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const fromY = y - dy!;
        const straight = x - dx!;
        const fromX = mirrored ? width - 1 - straight : straight;
        const inside = fromY >= 0 && fromY < height && straight >= 0 && straight < width;
        for (let c = 0; c < channels; c++)
          pixels[(y * width + x) * channels + c] = inside
            ? source[(fromY * width + fromX) * channels + c]!
            : 0;
      }
    }
  }
}

/** @throws Error for another modality: only code that refuses such beforehand may ask */
export function imageSourceOf(source: InputSource): ImageSource {
  if (!(source instanceof ImageSource))
    throw new Error('This needs images, and the data set holds rows of numbers.');
  return source;
}

/** How far down and to the right an image is shifted, and 1 if it is mirrored first. */
export const numbersPerMove = 3;

/** Draws how each of `count` images is moved: [count*3] of down, right, mirrored. */
export function drawMoves({ shift, flip, random }: Augmentation, count: number): Int32Array {
  const moves = new Int32Array(count * numbersPerMove);
  for (let i = 0; i < count; i++) {
    const down = shift > 0 ? random.below(2 * shift + 1) - shift : 0;
    const right = shift > 0 ? random.below(2 * shift + 1) - shift : 0;
    moves.set([down, right, flip && random.below(2) === 1 ? 1 : 0], i * numbersPerMove);
  }
  return moves;
}

/** The same moves of images whose sides are `by` times as long. */
export function scaledMoves(moves: Int32Array, by: number): Int32Array {
  return moves.map((value, i) => (i % numbersPerMove === 2 ? value : value * by));
}

/** A byte times scale plus offset is the normalised number. */
function affineOf({ mean, deviation }: ImageNormalisation): { scale: number; offset: number } {
  return { scale: 1 / (255 * deviation), offset: -mean / deviation };
}
