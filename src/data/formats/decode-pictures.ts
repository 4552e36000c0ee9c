/** Encoded pictures with a class each to a raw data set: measures headers, decodes, resizes to one size. */
import { onBackground } from '../arrays';
import type { Placed } from '../placed';
import type { Labels, RawDataset, RawPart } from '../raw-dataset';
import { ScratchBuffer } from '../scratch-buffer';
import { Refusal, type DecodedImage, type ImportContext } from '../import-context';
import { bytesInWords, counted, plural, proposedSide } from '../limits';
import { byCodePoint, type Role } from '../paths';
import { pictureKind, pictureSize } from '../picture-header';
import { PixelStore } from '../pixel-store';
import { decodedInTime, decodedWithoutBrowser } from '../without-browser';
import { whatItIs } from '../refusals';
import { whiteOf } from './deep-pixels';
import { chosenSize, medianSize, resize, type Size } from '../resize';
import { headBytes, Unreadable, whyUnreadable, type Source } from '../source';

/** Long enough to reach the size in a JPEG, past the camera's metadata and thumbnail. */
const longHead = 256 * 1024;
/**
 * Pictures decoded concurrently, so that the browser's decoder threads are busy; fewer when the pictures are large.
 */
const together = 8;
const togetherBytes = 64 * 1024 * 1024;

/**
 * Decodes pictures. The labels of the raw data set are their class names as texts. Pictures that are damaged or
 * exceed a limit are reported as left out. Throws a refusal when none remains.
 */
export async function rawFromPictures(
  placed: readonly Placed<Source>[],
  context: ImportContext,
): Promise<RawDataset> {
  // Checks the count before a hundred thousand headers are read. The bytes are checked once the size is known.
  context.checkSize(placed.length, 0);
  const measured = await measure(placed, context);
  if (measured.length === 0) throw new Refusal(nothingLeft(context));
  return decodeAll(measured, context);
}

function nothingLeft(context: ImportContext): string {
  const [first] = context.skipped;
  return `None of the pictures can be used${first ? `; the first: ${first.where} ${first.why}` : ''}.`;
}

/** Pictures whose header states a size within the limits; the size is recorded. Others are reported as left out. */
async function measure(placed: readonly Placed<Source>[], context: ImportContext): Promise<Placed<Source>[]> {
  const measured: Placed<Source>[] = [];
  const inOrder = [...placed].sort((a, b) => byPlace(a.item, b.item));
  for (const [i, place] of inOrder.entries()) {
    const { item } = place;
    if (i % 64 === 0) context.progress('Measuring pictures', i / placed.length);
    await context.yieldToMessages();
    try {
      // An entry that claims more bytes than it has is damaged anyway.
      if (item.size > context.limits.pictureBytes) throw new Unreadable(tooLong(context));
      item.pictureSize ??= await headerSize(item);
      const problem = sizeProblem(item.pictureSize, context);
      if (problem) context.skip(item.where, problem);
      else measured.push(place);
    } catch (error) {
      context.skip(item.where, whyUnreadable(error));
    }
  }
  return measured;
}

/** By position in the archive; the given order where there is none. */
function byPlace(a: Source, b: Source): number {
  return (a.place ?? 0) - (b.place ?? 0);
}

function tooLong(context: ImportContext): string {
  return `has more than ${bytesInWords(context.limits.pictureBytes)}, the limit for one picture`;
}

async function headerSize(source: Source): Promise<Size> {
  for (const most of [headBytes, longHead, Infinity]) {
    const head = await source.read(most);
    const kind = pictureKind(head);
    if (!kind)
      throw new Unreadable(
        head.length === 0 ? 'is empty' : (whatItIs(head)?.why ?? 'is no picture that can be decoded'),
      );
    const size = pictureSize(kind, head);
    if (size) return size;
    if (head.length < most) break;
  }
  throw new Unreadable('is damaged: its header states no size');
}

function sizeProblem({ width, height }: Size, context: ImportContext): string | null {
  const limit = context.limits.picturePixels;
  if (width * height <= limit) return null;
  return `has ${counted(width)}×${counted(height)} pixels; the limit is ${counted(limit / 1e6)} million`;
}

async function decodeAll(placed: readonly Placed<Source>[], context: ImportContext): Promise<RawDataset> {
  const found = medianSize(placed.map(({ item }) => item.pictureSize!));
  const size = chosenSize(found, placed.length, context);
  const brightness = context.choices.background === 'black' ? 0 : 255;
  const white = await whiteOf(
    placed.map(({ item }) => item),
    context,
  );
  const canvas: Canvas = {
    size,
    brightness,
    resized: 0,
    transparent: 0,
    rgb: new Uint8Array(0),
    fitted: new Uint8Array(size.height * size.width * 3),
  };
  // Sorted by split, so that each part is contiguous.
  const ordered = [...placed].sort(
    (a, b) => rank(a.role) - rank(b.role) || byCodePoint(a.item.path, b.item.path),
  );
  const store = new PixelStore(ordered.length, size, context);
  const lying = [...ordered.entries()].sort(([, a], [, b]) => byPlace(a.item, b.item));
  const failed = new Set<Placed<Source>>();
  const rooms = Array.from({ length: together }, () => new ScratchBuffer());
  for (let start = 0; start < lying.length;) {
    context.progress('Decoding pictures', start / lying.length);
    await context.yieldToMessages();
    const batch = lying.slice(start, endOfBatch(lying, start));
    const decodings = batch.map(async ([row, place], lane) => {
      const take = (picture: DecodedImage) => store.put(row, fitted(picture, canvas), 3);
      const decoding = { scratch: rooms[lane]!, largest: largestDecoded(size), white };
      if (!(await decode(place.item, decoding, take, context))) failed.add(place);
    });
    await Promise.all(decodings);
    start += batch.length;
  }
  const kept = ordered.filter((place) => !failed.has(place));
  tell(kept.length, canvas, context);
  const rowNames = kept.map(({ item }) => item.rowName ?? item.path);
  return {
    ...size,
    ...store.finish(),
    parts: partsOf(kept),
    names: null,
    ...(rowNames.some((name) => name !== '') ? { rowNames } : {}),
  };
}

/** At least one picture, and no more than fit into the memory limit. */
function endOfBatch(lying: readonly (readonly [number, Placed<Source>])[], start: number): number {
  let end = start;
  let bytes = 0;
  while (end < Math.min(lying.length, start + together)) {
    bytes += bytesInUse(lying[end]![1].item);
    if (end > start && bytes > togetherBytes) break;
    end++;
  }
  return end;
}

/** Memory while a picture is decoded: the file, its copy for the decoder, and four bytes per pixel. */
function bytesInUse({ size, pictureSize }: Source): number {
  return 2 * size + (pictureSize ? 4 * pictureSize.height * pictureSize.width : 0);
}

function rank(role: Role | null): number {
  return [null, 'train', 'validation', 'test'].indexOf(role);
}

/** The side above which a picture may be decoded smaller: so many pixels are enough to average. */
function largestDecoded({ height, width }: Size): number {
  return Math.max(8 * proposedSide, 4 * Math.max(height, width));
}

/** Passes the decoded picture to `take`. Returns false, and reports it, when it cannot be decoded. */
async function decode(
  source: Source,
  { scratch, largest, white }: { scratch: ScratchBuffer; largest: number; white: number },
  take: (picture: DecodedImage) => void,
  context: ImportContext,
): Promise<boolean> {
  try {
    const limit = context.limits.pictureBytes;
    const bytes = await source.read(limit + 1, scratch);
    if (bytes.length > limit) {
      context.skip(source.where, tooLong(context));
      return false;
    }
    const picture =
      decodedWithoutBrowser(bytes, largest) ??
      (await decodedInTime(bytes, largest, context.decodeImage, white));
    take(picture);
    picture.free?.();
    return true;
  } catch (error) {
    if (error instanceof Refusal || error instanceof RangeError) throw error;
    if (error instanceof Error && error.name === 'AbortError') throw error;
    context.skip(
      source.where,
      error instanceof Unreadable ? error.message : 'is damaged and cannot be decoded',
    );
    return false;
  }
}

/** The target size and colour, and how many pictures had to be converted. */
interface Canvas {
  size: Size;
  /** Brightness behind transparent pixels, 0..255. */
  brightness: number;
  resized: number;
  transparent: number;
  /** Scratch memory for one picture at a time, in its own size and in the target size. */
  rgb: Uint8Array;
  fitted: Uint8Array;
}

/** [height*width*3] in the target size; valid until the next call. */
function fitted({ width, height, rgba }: DecodedImage, canvas: Canvas): ArrayLike<number> {
  const { size } = canvas;
  const transparent = isTransparent(rgba);
  if (transparent) canvas.transparent++;
  const rgb = transparent ? onBackground(rgba, canvas.brightness) : withoutOpacity(rgba, canvas);
  if (width === size.width && height === size.height) return rgb;
  canvas.resized++;
  resize(rgb, { width, height }, canvas.fitted, size, 3);
  return canvas.fitted;
}

function withoutOpacity(rgba: Uint8ClampedArray, canvas: Canvas): Uint8Array {
  const length = (rgba.length / 4) * 3;
  if (canvas.rgb.length !== length) canvas.rgb = new Uint8Array(length);
  const { rgb } = canvas;
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    rgb[to++] = rgba[from]!;
    rgb[to++] = rgba[from + 1]!;
    rgb[to++] = rgba[from + 2]!;
  }
  return rgb;
}

function isTransparent(rgba: Uint8ClampedArray): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return true;
  return false;
}

const backgrounds = [
  { value: 'white', text: 'white' },
  { value: 'black', text: 'black' },
] as const;

function tell(count: number, { size, resized, transparent }: Canvas, context: ImportContext): void {
  if (resized > 0)
    context.warn(
      `${counted(resized)} of ${plural(count, 'picture')} were resized to ${size.height}×${size.width} (height×width).`,
    );
  if (transparent === 0) return;
  const shown = context.pick('background', 'Behind transparent parts', backgrounds, 'white');
  context.warn(
    `${plural(transparent, 'picture has', 'pictures have')} transparent parts, shown on ${shown}.`,
  );
}

function partsOf(placed: readonly Placed<Source>[]): RawPart[] {
  const parts: RawPart[] = [];
  for (let start = 0; start < placed.length;) {
    const { role } = placed[start]!;
    let end = start;
    while (end < placed.length && placed[end]!.role === role) end++;
    parts.push({ role, count: end - start, labels: labelsOf(placed.slice(start, end)) });
    start = end;
  }
  return parts;
}

function labelsOf(placed: readonly Placed<Source>[]): Labels {
  const [first] = placed;
  if (!first?.targets) return { kind: 'texts', values: placed.map(({ className }) => className) };
  const { of, values } = first.targets;
  return {
    kind: 'several',
    of,
    width: values.length,
    values: placed.map(({ targets }) => targets!.values as number[]),
  };
}
