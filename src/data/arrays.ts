/** From arrays of numbers (IDX, NumPy, tables, CIFAR records) to a raw data set: value range, size, colour. */
import type { RawDataset, Labels, RawPart } from './raw-dataset';
import { Refusal, type ImportContext } from './import-context';
import { transposed, type Layout } from './layout';
import { plural } from './limits';
import type { Numbers } from './number-array';
import type { Role } from './paths';
import { chosenScale, type PixelScale, type ValueRange } from './pixel-scale';
import { PixelStore } from './pixel-store';
import { chosenSize, resize, type Size } from './resize';

export interface ImageArray {
  /** Reads the numbers; called once or twice. Arrays that can be read again are not kept in memory in between. */
  values: () => Promise<Numbers>;
  layout: Layout;
  labels: Labels;
  role: Role | null;
  where: string;
  /** Titles of its targets, such as those of their columns. */
  titles?: readonly string[];
}

export interface ArrayRules {
  /** The numbers are pixel values already; otherwise they are scaled by their range over all arrays. */
  asBytes?: boolean;
  /** The format stores its images transposed. */
  mirrored?: boolean;
}

/**
 * Builds the raw data set from one or more arrays of images of the same size. Images with NaN or infinity are
 * reported as left out. Throws a refusal when the arrays differ in size or exceed a limit.
 */
export async function rawFromArrays(
  arrays: readonly ImageArray[],
  names: string[] | null,
  context: ImportContext,
  { asBytes = false, mirrored = false }: ArrayRules = {},
): Promise<RawDataset> {
  const upright = isTransposed(mirrored, context)
    ? arrays.map((array) => ({ ...array, layout: transposed(array.layout) }))
    : arrays;
  const { height, width, channels } = sameShape(upright);
  const count = arrays.reduce((sum, array) => sum + array.layout.count, 0);
  const size = chosenSize({ height, width }, count, context);
  context.checkSize(count, size.height * size.width * (channels === 1 ? 1 : 3));
  const finite = arrays.map((array) => new Uint8Array(array.layout.count).fill(1));
  for (const [k, array] of upright.entries()) markUnlabelled(array, finite[k]!, context);
  context.progress('Looking at the pixel values');
  const scale = asBytes
    ? { shift: 0, factor: 1, sentence: null }
    : chosenScale(await rangeOf(upright, finite, context), context);
  if (scale.sentence) context.warn(scale.sentence);
  if (channels === 4)
    context.warn('The images have an opacity channel; transparent parts are shown on white.');
  if (size.height !== height || size.width !== width)
    context.warn(
      `All ${plural(count, 'image')} were resized from ${height}×${width} to ${size.height}×${size.width}.`,
    );
  const store = new PixelStore(
    finite.reduce((sum, marks) => sum + marked(marks), 0),
    size,
    context,
  );
  const parts: RawPart[] = [];
  for (const [i, array] of upright.entries()) {
    context.progress('Reading images', i / arrays.length);
    await fill(store, array, finite[i]!, scale, size, context);
    const kept = marked(finite[i]!);
    parts.push({ role: array.role, count: kept, labels: keepLabels(array.labels, finite[i]!, kept) });
  }
  const titles = arrays[0]?.titles;
  return { ...size, ...store.finish(), parts, names, ...(titles ? { titles } : {}) };
}

function isTransposed(mirrored: boolean, context: ImportContext): boolean {
  const options = [
    { value: 'no', text: 'as they are stored' },
    { value: 'yes', text: 'mirrored at the diagonal' },
  ] as const;
  return context.pick('transpose', 'Rows and columns', options, mirrored ? 'yes' : 'no') === 'yes';
}

function marked(marks: Uint8Array): number {
  return marks.reduce((sum, mark) => sum + mark, 0);
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

/** Marks images whose label is missing: written as NaN or as an empty text. */
function markUnlabelled({ labels, where }: ImageArray, finite: Uint8Array, context: ImportContext): void {
  for (let n = 0; n < finite.length; n++) {
    const label = labels.values[n]!;
    if (label !== '' && !Number.isNaN(label)) continue;
    finite[n] = 0;
    context.skip(`${where}, image ${n + 1}`, label === '' ? 'has no label' : 'has no label (NaN)');
  }
}

/** Lowest and highest number over all arrays. Clears `finite` for images that hold a number that is not finite. */
async function rangeOf(
  arrays: readonly ImageArray[],
  finite: Uint8Array[],
  context: ImportContext,
): Promise<ValueRange> {
  const range: ValueRange = { min: Infinity, max: -Infinity, whole: true };
  for (const [k, { layout, values: read, where }] of arrays.entries()) {
    const values = await read();
    const perImage = layout.height * layout.width * layout.channels;
    const pixels = values.bytes ? new Uint8Array(perImage) : new Float64Array(perImage);
    for (let n = 0; n < layout.count; n++) {
      if (finite[k]![n] === 0) continue;
      await context.yieldToMessages();
      takeImage(values, layout, n, pixels);
      if (!values.bytes && !pixels.every(Number.isFinite)) {
        finite[k]![n] = 0;
        context.skip(`${where}, image ${n + 1}`, 'holds values that are not numbers (NaN or infinity)');
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
function takeImage(values: Numbers, layout: Layout, n: number, to: Float64Array | Uint8Array): void {
  const { height, width, channels, strides } = layout;
  const { bytes, get } = values;
  let at = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++) {
        const from = n * strides.image + y * strides.row + x * strides.column + c * strides.channel;
        to[at++] = bytes ? bytes[from]! : get(from);
      }
}

async function fill(
  store: PixelStore,
  { layout, values: read }: ImageArray,
  finite: Uint8Array,
  scale: PixelScale,
  size: Size,
  context: ImportContext,
): Promise<void> {
  const values = await read();
  const kept = layout.channels === 1 ? 1 : 3;
  const length = layout.height * layout.width * layout.channels;
  const raw = values.bytes ? new Uint8Array(length) : new Float64Array(length);
  const resized = new Uint8Array(size.height * size.width * kept);
  const sameSize = size.height === layout.height && size.width === layout.width;
  for (let n = 0; n < layout.count; n++) {
    if (finite[n] === 0) continue;
    await context.yieldToMessages();
    takeImage(values, layout, n, raw);
    rescale(raw, scale);
    const opaque = layout.channels === 4 ? onBackground(raw, 255) : raw;
    if (!sameSize) resize(opaque, layout, resized, size, kept);
    store.add(sameSize ? opaque : resized, kept);
  }
}

function rescale(pixels: Float64Array | Uint8Array, { shift, factor }: PixelScale): void {
  if (shift === 0 && factor === 1 && pixels instanceof Uint8Array) return;
  for (let i = 0; i < pixels.length; i++) {
    const value = Math.min(255, Math.max(0, (pixels[i]! + shift) * factor));
    // Assigning a fraction to a byte array would truncate it.
    pixels[i] = pixels instanceof Uint8Array ? Math.round(value) : value;
  }
}

/**
 * Composites pixels with opacity on a grey background of this brightness (255 is white); returns red, green and blue.
 */
export function onBackground(rgba: ArrayLike<number>, brightness: number): Float64Array {
  const pixels = rgba.length / 4;
  const rgb = new Float64Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    const opacity = rgba[i * 4 + 3]! / 255;
    for (let c = 0; c < 3; c++) rgb[i * 3 + c] = rgba[i * 4 + c]! * opacity + brightness * (1 - opacity);
  }
  return rgb;
}

function keepLabels(labels: Labels, keep: Uint8Array, count: number): Labels {
  if (count === keep.length) return labels;
  if (labels.kind === 'several') return { ...labels, values: labels.values.filter((_, i) => keep[i] === 1) };
  if (labels.kind === 'texts')
    return { kind: 'texts', values: labels.values.filter((_, i) => keep[i] === 1) };
  return { ...labels, values: Array.from(labels.values).filter((_, i) => keep[i] === 1) };
}
