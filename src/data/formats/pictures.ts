/** Pictures in class folders, wherever the folders come from: a zip, a tar, a drop. */
import { onWhite, withoutEqualChannels } from '../arrays';
import { placeInClasses, type Placed } from '../class-folders';
import type { Draft, Part } from '../draft';
import { Refusal, type DecodedImage, type Job } from '../job';
import { isFlat, placeByTable } from '../label-table';
import { labelsFromTexts } from '../labels';
import { bytesInWords, counted, largestSide, plural } from '../limits';
import { byCodePoint, type Role } from '../paths';
import { pictureKind, pictureSize } from '../picture-header';
import { medianSize, resize, studiedSize, type Size } from '../resize';
import { headBytes, whyUnreadable, type Source } from '../source';
import type { Format } from './format';

/** Enough of a JPEG to get past a camera's notes and its thumbnail. */
const longHead = 256 * 1024;
/** Decoded at a time, so that a browser's decoding threads have work. */
const together = 8;

interface Sized extends Source {
  header: Size;
}

export const pictures: Format = {
  name: 'class folders',
  noun: 'a picture',
  recognise: ({ head }) => pictureKind(head) !== null,
  async read(sources, aside, job) {
    const byTable = isFlat(sources) ? await placeByTable(sources, aside.tables, job) : null;
    const placed = byTable ?? placeInClasses(sources, job);
    // Before a hundred thousand headers are read; the bytes are checked when the size is known.
    job.checkSize(placed.length, 0);
    const measured = await measure(placed, job);
    if (measured.length === 0) throw new Refusal(nothingLeft(job));
    const draft = await decodeAll(measured, job);
    // Folder names are names, even "0" and "10"; a table's whole numbers are numbers.
    return {
      format: 'class folders',
      draft: byTable ? { ...draft, parts: numberLabels(draft.parts) } : draft,
    };
  },
};

function numberLabels(parts: readonly Part[]): Part[] {
  const labels = parts.map((part) => labelsFromTexts(Array.from(part.labels.values, String)));
  if (!labels.every(({ kind }) => kind === 'numbers')) return [...parts];
  return parts.map((part, i) => ({ ...part, labels: labels[i]! }));
}

function nothingLeft(job: Job): string {
  const [first] = job.skipped;
  return `None of the pictures can be used${first ? `; the first: ${first.where} ${first.why}` : ''}.`;
}

/** Adds the size in each picture's header; pictures without one or beyond the limits are noted as left out. */
async function measure(placed: readonly Placed<Source>[], job: Job): Promise<Placed<Sized>[]> {
  const measured: Placed<Sized>[] = [];
  for (const [i, { item, ...place }] of placed.entries()) {
    if (i % 64 === 0) job.progress('Measuring pictures', i / placed.length);
    await job.breathe();
    try {
      const header = await headerSize(item);
      const problem = header ? sizeProblem(header, job) : 'is damaged: its header states no size';
      if (problem) job.skip(item.where, problem);
      else if (header) measured.push({ item: { ...item, header }, ...place });
    } catch (error) {
      job.skip(item.where, whyUnreadable(error));
    }
  }
  return measured;
}

async function headerSize(source: Source): Promise<Size | null> {
  for (const most of [headBytes, longHead, Infinity]) {
    const head = await source.read(most);
    const kind = pictureKind(head);
    const size = kind && pictureSize(kind, head);
    if (size || head.length < most) return size;
  }
  return null;
}

function sizeProblem({ width, height }: Size, job: Job): string | null {
  const limit = job.limits.picturePixels;
  if (width * height <= limit) return null;
  return `has ${counted(width)}×${counted(height)} pixels; the limit is ${counted(limit / 1e6)} million`;
}

async function decodeAll(placed: readonly Placed<Sized>[], job: Job): Promise<Draft> {
  const size = studiedSize(medianSize(placed.map(({ item }) => item.header)));
  const perImage = size.height * size.width * 3;
  job.checkSize(placed.length, perImage);
  // Splits lie one after the other, so that each part is one stretch of the same bytes.
  const ordered = [...placed].sort(
    (a, b) => rank(a.role) - rank(b.role) || byCodePoint(a.item.path, b.item.path),
  );
  const images = new Uint8Array(ordered.length * perImage);
  const tally = { resized: 0, transparent: 0 };
  const kept: Placed<Sized>[] = [];
  for (let start = 0; start < ordered.length; start += together) {
    job.progress('Decoding pictures', start / ordered.length);
    await job.breathe();
    const batch = ordered.slice(start, start + together);
    const decoded = await Promise.all(batch.map(({ item }) => decode(item, job)));
    for (const [i, picture] of decoded.entries()) {
      if (!picture) continue;
      const at = kept.length * perImage;
      write(picture, images.subarray(at, at + perImage), size, tally);
      kept.push(batch[i]!);
    }
  }
  tell(kept.length, size, tally, job);
  const parts = partsOf(kept, images, perImage);
  return { ...size, ...withoutEqualChannels(parts, 3), names: null };
}

function rank(role: Role | null): number {
  return [null, 'train', 'validation', 'test'].indexOf(role);
}

/** The decoded picture; null (and a note) when that fails. */
async function decode(source: Sized, job: Job): Promise<DecodedImage | null> {
  try {
    const limit = job.limits.pictureBytes;
    const bytes = await source.read(limit + 1);
    if (bytes.length > limit) {
      job.skip(source.where, `has more than ${bytesInWords(limit)}, the limit for one picture`);
      return null;
    }
    // Eight times the largest side leaves enough to average over.
    return await job.decodeImage(new Blob([bytes]), 8 * largestSide);
  } catch (error) {
    if (error instanceof Refusal || error instanceof RangeError) throw error;
    if (error instanceof Error && error.name === 'AbortError') throw error;
    job.skip(
      source.where,
      error instanceof Error && error.name === 'Unreadable'
        ? error.message
        : 'is damaged and cannot be decoded',
    );
    return null;
  }
}

function write(
  { width, height, rgba }: DecodedImage,
  to: Uint8Array,
  size: Size,
  tally: { resized: number; transparent: number },
): void {
  if (isTransparent(rgba)) tally.transparent++;
  const rgb = onWhite(rgba);
  if (width === size.width && height === size.height) {
    for (let i = 0; i < rgb.length; i++) to[i] = Math.round(rgb[i]!);
    return;
  }
  tally.resized++;
  resize(rgb, { width, height }, to, size, 3);
}

function isTransparent(rgba: Uint8ClampedArray): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return true;
  return false;
}

function tell(count: number, size: Size, tally: { resized: number; transparent: number }, job: Job): void {
  const target = `${size.height}×${size.width}`;
  if (tally.resized > 0)
    job.warn(
      `${counted(tally.resized)} of ${plural(count, 'picture')} were resized to ${target} (height×width).`,
    );
  if (tally.transparent > 0)
    job.warn(
      `${plural(tally.transparent, 'picture has', 'pictures have')} transparent parts, shown on white.`,
    );
}

function partsOf(placed: readonly Placed<Sized>[], images: Uint8Array, perImage: number): Part[] {
  const parts: Part[] = [];
  for (let start = 0; start < placed.length;) {
    const { role } = placed[start]!;
    let end = start;
    while (end < placed.length && placed[end]!.role === role) end++;
    const texts = placed.slice(start, end).map(({ className }) => className);
    parts.push({
      role,
      count: end - start,
      images: images.subarray(start * perImage, end * perImage),
      labels: { kind: 'texts', values: texts },
    });
    start = end;
  }
  return parts;
}
