/** From arrays of numbers (IDX, NumPy, tables, CIFAR records) to a draft: layout, value range, size. */
import type { Draft, Labels, Part } from './draft';
import { Refusal, type Job } from './job';
import { counted, plural } from './limits';
import type { Numbers } from './numbers';
import type { Role } from './paths';
import { pixelScale, type PixelScale, type ValueRange } from './pixel-scale';
import { resize, studiedSize } from './resize';

/** Where the pixel of an image lies: index = n*image + y*row + x*column + c*channel. */
export interface Layout {
  count: number;
  height: number;
  width: number;
  /** 1, 3 or 4 (the fourth is opacity) */
  channels: number;
  strides: { image: number; row: number; column: number; channel: number };
  /** What had to be guessed, as a sentence. */
  guess?: string;
}

export interface ImageArray {
  values: Numbers;
  layout: Layout;
  labels: Labels;
  role: Role | null;
  where: string;
}

/** The layout of an array of images by its shape. Throws a refusal when the shape is no set of images. */
export function layoutOf(shape: readonly number[], fortran: boolean, where: string): Layout {
  const strides = stridesOf(shape, fortran);
  const [count = 0, a = 0, b = 0, c = 0] = shape;
  const [image = 0, sa = 0, sb = 0, sc = 0] = strides;
  if (shape.length === 4 && isChannels(c))
    return grid(count, a, b, c, { image, row: sa, column: sb, channel: sc }, where);
  if (shape.length === 4 && isChannels(a))
    return grid(count, b, c, a, { image, row: sb, column: sc, channel: sa }, where);
  if (shape.length === 3 && a > 1 && b > 1)
    return grid(count, a, b, 1, { image, row: sa, column: sb, channel: 0 }, where);
  if (shape.length === 3) return flatLayout(count, a * b, { image, element: a > 1 ? sa : sb }, where);
  if (shape.length === 2) return flatLayout(count, a, { image, element: sa }, where);
  throw new Refusal(
    `${where} has the shape (${shape.join(', ')}), which is not a set of grey or colour images. Use (N, height, width), (N, height, width, 3) or (N, 3, height, width).`,
  );
}

/** The layout of rows of `length` numbers: a square grey image, or a square colour image plane by plane. */
export function flatLayout(
  count: number,
  length: number,
  strides: { image: number; element: number },
  where: string,
): Layout {
  const { image, element } = strides;
  const grey = Math.round(Math.sqrt(length));
  if (grey * grey === length)
    return grid(count, grey, grey, 1, { image, row: grey * element, column: element, channel: 0 }, where);
  const side = Math.round(Math.sqrt(length / 3));
  if (3 * side * side === length) {
    const colour = { image, row: side * element, column: element, channel: side * side * element };
    const guess = `Rows of ${counted(length)} numbers were read as ${side}×${side} in colour: all red, then all green, then all blue.`;
    return { ...grid(count, side, side, 3, colour, where), guess };
  }
  throw new Refusal(
    `${where} has ${plural(length, 'number')} for each image, which makes neither a square grey image (s×s) nor a square colour image (3×s×s). Save the images with their height and width.`,
  );
}

function grid(
  count: number,
  height: number,
  width: number,
  channels: number,
  strides: Layout['strides'],
  where: string,
): Layout {
  if (count === 0 || height === 0 || width === 0) throw new Refusal(`${where} holds no images.`);
  if (height === 1 && width === 1)
    throw new Refusal(`${where} has one number for each image: these are labels or a table, not images.`);
  return { count, height, width, channels, strides };
}

function isChannels(size: number): boolean {
  return size === 1 || size === 3 || size === 4;
}

function stridesOf(shape: readonly number[], fortran: boolean): number[] {
  const strides = shape.map(() => 1);
  let step = 1;
  for (let k = 0; k < shape.length; k++) {
    const axis = fortran ? k : shape.length - 1 - k;
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return strides;
}

/**
 * The draft of one or more arrays of images of the same size. With `asBytes` the numbers are pixels as they are;
 * else their range over all arrays decides. Images that hold NaN or infinity are noted as left out. Throws a refusal
 * when the arrays differ in size or are over a limit.
 */
export async function draftFromArrays(
  arrays: readonly ImageArray[],
  names: string[] | null,
  job: Job,
  asBytes = false,
): Promise<Draft> {
  const { height, width, channels } = sameShape(arrays);
  const size = studiedSize({ height, width });
  const kept = channels === 1 ? 1 : 3;
  const count = arrays.reduce((sum, array) => sum + array.layout.count, 0);
  job.checkSize(count, size.height * size.width * kept);
  for (const { layout } of arrays) if (layout.guess) job.warn(layout.guess);
  job.progress('Looking at the pixel values');
  const finite = arrays.map((array) => new Uint8Array(array.layout.count).fill(1));
  const scale = asBytes
    ? { shift: 0, factor: 1, sentence: null }
    : pixelScale(await rangeOf(arrays, finite, job));
  if (scale.sentence) job.warn(scale.sentence);
  if (channels === 4) job.warn('The images have an opacity channel; transparent parts are shown on white.');
  if (size.height !== height || size.width !== width)
    job.warn(
      `All ${plural(count, 'image')} were resized from ${height}×${width} to ${size.height}×${size.width}.`,
    );
  const parts: Part[] = [];
  for (const [i, array] of arrays.entries()) {
    job.progress('Reading images', i / arrays.length);
    parts.push(await partOf(array, finite[i]!, scale, size, job));
  }
  return { ...size, ...withoutEqualChannels(parts, kept), names };
}

function sameShape(arrays: readonly ImageArray[]): { height: number; width: number; channels: number } {
  const [first, ...others] = arrays;
  if (!first) throw new Refusal('There are no images.');
  const text = ({ layout }: ImageArray) => `${layout.height}×${layout.width}×${layout.channels}`;
  for (const other of others)
    if (text(other) !== text(first))
      throw new Refusal(
        `${first.where} has images of ${text(first)} and ${other.where} of ${text(other)}; they must be of one size.`,
      );
  return first.layout;
}

/** Lowest and highest number over all arrays; clears the mark of images that hold anything not finite. */
async function rangeOf(arrays: readonly ImageArray[], finite: Uint8Array[], job: Job): Promise<ValueRange> {
  const range: ValueRange = { min: Infinity, max: -Infinity, whole: true };
  for (const [k, { layout, values, where }] of arrays.entries()) {
    const perImage = layout.height * layout.width * layout.channels;
    const pixels = new Float64Array(perImage);
    for (let n = 0; n < layout.count; n++) {
      await job.breathe();
      takeImage(values, layout, n, pixels);
      if (!pixels.every(Number.isFinite)) {
        finite[k]![n] = 0;
        job.skip(`${where}, image ${n + 1}`, 'holds values that are not numbers (NaN or infinity)');
        continue;
      }
      for (let i = 0; i < perImage; i++) {
        const value = pixels[i]!;
        if (value < range.min) range.min = value;
        if (value > range.max) range.max = value;
        if (range.whole && !Number.isInteger(value)) range.whole = false;
      }
    }
  }
  return range;
}

/** Copies one image into `to`, channels last. */
function takeImage({ get }: Numbers, layout: Layout, n: number, to: Float64Array): void {
  const { height, width, channels, strides } = layout;
  let at = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++)
        to[at++] = get(n * strides.image + y * strides.row + x * strides.column + c * strides.channel);
}

async function partOf(
  { layout, labels, role, values }: ImageArray,
  finite: Uint8Array,
  scale: PixelScale,
  size: { height: number; width: number },
  job: Job,
): Promise<Part> {
  const kept = layout.channels === 1 ? 1 : 3;
  const perImage = size.height * size.width * kept;
  const count = finite.reduce((sum, mark) => sum + mark, 0);
  const images = new Uint8Array(count * perImage);
  const raw = new Float64Array(layout.height * layout.width * layout.channels);
  const sameSize = size.height === layout.height && size.width === layout.width;
  let at = 0;
  for (let n = 0; n < layout.count; n++) {
    if (finite[n] === 0) continue;
    await job.breathe();
    takeImage(values, layout, n, raw);
    for (let i = 0; i < raw.length; i++)
      raw[i] = Math.min(255, Math.max(0, (raw[i]! + scale.shift) * scale.factor));
    const opaque = layout.channels === 4 ? onWhite(raw) : raw;
    const to = images.subarray(at * perImage, ++at * perImage);
    if (sameSize) for (let i = 0; i < perImage; i++) to[i] = Math.round(opaque[i]!);
    else resize(opaque, layout, to, size, kept);
  }
  return { role, count, images, labels: keepLabels(labels, finite, count) };
}

/** Red, green and blue of pixels with opacity, composited on white. */
export function onWhite(rgba: ArrayLike<number>): Float64Array {
  const pixels = rgba.length / 4;
  const rgb = new Float64Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    const opacity = rgba[i * 4 + 3]! / 255;
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = rgba[i * 4 + c]! * opacity + 255 * (1 - opacity);
  }
  return rgb;
}

function keepLabels(labels: Labels, keep: Uint8Array, count: number): Labels {
  if (count === keep.length) return labels;
  if (labels.kind === 'texts')
    return { kind: 'texts', values: labels.values.filter((_, i) => keep[i] === 1) };
  return { kind: 'numbers', values: Array.from(labels.values).filter((_, i) => keep[i] === 1) };
}

/** One channel instead of three when red, green and blue are equal in every pixel of every image. */
export function withoutEqualChannels(parts: Part[], channels: number): { channels: number; parts: Part[] } {
  if (channels === 1 || !parts.every(({ images }) => isGrey(images))) return { channels, parts };
  const grey = parts.map((part) => {
    const images = new Uint8Array(part.images.length / 3);
    for (let i = 0; i < images.length; i++) images[i] = part.images[i * 3]!;
    return { ...part, images };
  });
  return { channels: 1, parts: grey };
}

function isGrey(rgb: Uint8Array): boolean {
  for (let i = 0; i < rgb.length; i += 3) if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return false;
  return true;
}
