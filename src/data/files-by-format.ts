/** Assigns files to formats by their bytes. */
import { isGzip } from './containers/gzip';
import { gunzipKnown } from './containers/gunzip-known';
import { isTar } from './containers/tar';
import { isZip, openZip } from './containers/zip';
import type { Aside, Format, Probe } from './formats/dataset-format';
import { formats, tables } from './formats/all-formats';
import { isNpy } from './formats/npy-header';
import { Refusal, type ImportContext } from './import-context';
import { baseName, hasPictureName, isNote, stem } from './paths';
import { pictureKind, pictureSize } from './picture-header';
import { unknownKind, whatItIs } from './refusals';
import { headBytes, sourceOf, Unreadable, whyUnreadable, type Source } from './source';
import { textOf } from './text';

/** Files by format, and the files that accompany them. */
export interface FilesByFormat {
  groups: Map<Format, Source[]>;
  aside: Aside;
  /** Why the only file is of no format, where it may be a table without separators. */
  refusal?: Refusal;
}

export function noFiles(): FilesByFormat {
  return { groups: new Map(), aside: { names: [], tables: [], texts: [] } };
}

const nameFile =
  /^(batches\.meta|(fine|coarse)_label_names|class[-_ ]?names|classes|labels|label[-_ ]?names|categories|\w+\.labels)\.txt$/i;

/**
 * Assigns a file to its format. Files of no known format are reported as left out, notes such as a README silently.
 * With `alone` they are thrown as a refusal, because there is no other file. `head` saves reading the first bytes
 * again.
 */
export async function addFile(
  byFormat: FilesByFormat,
  source: Source,
  alone: boolean,
  context: ImportContext,
  head?: Uint8Array<ArrayBuffer>,
): Promise<void> {
  try {
    await addSource(byFormat, source, alone, context, head);
  } catch (error) {
    const why = whyUnreadable(error);
    if (alone) throw new Refusal(`${source.where} ${why}.`);
    context.skip(source.where, why);
  }
}

async function addSource(
  byFormat: FilesByFormat,
  source: Source,
  alone: boolean,
  context: ImportContext,
  known?: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const found = withHead(source, known ?? (await source.read(headBytes)));
  const { head, path } = found;
  if (isGzip(head)) return addSource(byFormat, await ungzipped(found, context), alone, context);
  if (isZip(head) && /\.npz$/i.test(path)) return addNpz(byFormat, found, context);
  if (isNameFile(found)) {
    byFormat.aside.names.push({ file: baseName(path), lines: await linesOf(found) });
    return;
  }
  const format = await formatOf(found);
  if (format === tables) byFormat.aside.tables.push(source);
  if (format) {
    // `found` is not kept: the heads of a hundred thousand pictures would take most of the memory.
    notePictureSize(source, head);
    const group = byFormat.groups.get(format);
    if (group) group.push(source);
    else byFormat.groups.set(format, [source]);
    return;
  }
  const { why, format: kind } = kindOf(found);
  const isText = isSideText(found) || (alone && textOf(found.head) !== null);
  if (alone) {
    const refusal = new Refusal(`${found.where} ${why}.`, kind);
    if (!isText) throw refusal;
    byFormat.refusal = refusal;
  }
  if (isText) byFormat.aside.texts.push(source);
  if (isNote(path) || isText) return;
  if (byFormat.groups.size === 0 && context.format === 'unknown') context.format = kind;
  context.skip(found.where, why);
}

/** The arrays of an NPZ inside an archive, as those of a folder of its name. Nothing else in it is opened. */
async function addNpz(byFormat: FilesByFormat, packed: Probe, context: ImportContext): Promise<void> {
  const whole = new Blob([await packed.read(Infinity)]);
  for await (const source of openZip(whole, packed.where, context)) {
    const head = await source.read(headBytes);
    const inside = Object.assign(source, { path: `${stem(packed.path)}/${source.path}` });
    if (isNpy(head)) await addFile(byFormat, inside, false, context, head);
    else context.skip(source.where, 'is no NumPy array, though it lies in an NPZ');
  }
}

/** Whether a text may say something of the files beside it. */
function isSideText({ path, head }: Probe): boolean {
  return (
    /\.(txt|jsonl?|ndjson|cls|lst|list|names|csv|tsv|data|dat|trn|tra|tst|tes|test|t|libsvm|svm)$/i.test(
      path,
    ) && textOf(head) !== null
  );
}

function withHead(source: Source, head: Uint8Array<ArrayBuffer>): Probe {
  const { path, where, size, readAt } = source;
  return { path, where, size, head, read: (most) => source.read(most), ...(readAt && { readAt }) };
}

/** Records the size now, so that the header need not be read again. */
function notePictureSize(source: Source, head: Uint8Array): void {
  const kind = pictureKind(head);
  const size = kind && pictureSize(kind, head);
  if (size) source.pictureSize = size;
}

/** The content of a gzip file, under its name without the ending. Archives inside are not opened here. */
async function ungzipped(packed: Probe, context: ImportContext): Promise<Source> {
  const inside = await gunzipKnown(new Blob([await packed.read(Infinity)]), context);
  if (isGzip(inside)) throw new Unreadable('is packed with gzip twice; unpack it once');
  return sourceOf(packed.path.replace(/\.gz$/i, ''), packed.where, inside);
}

function isNameFile({ path, head }: Probe): boolean {
  return nameFile.test(baseName(path)) && textOf(head) !== null;
}

/** One name per line, without the numbers that count the lines ("0:rose"); blank lines at the end are ignored. */
async function linesOf(source: Source): Promise<string[]> {
  const mostBytes = 1024 * 1024;
  const text = textOf(await source.read(mostBytes)) ?? '';
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.trim().normalize('NFC'));
  while (lines.at(-1) === '') lines.pop();
  const numbered = lines.map((line) => /^(\d+)\s*[:,]\s*(\S.*)$/.exec(line));
  const first = Number(numbered[0]?.[1] ?? NaN);
  const areCounted = first <= 1 && numbered.every((found, i) => found && Number(found[1]) === first + i);
  return areCounted ? numbered.map((found) => found![2]!) : lines;
}

async function formatOf(found: Probe): Promise<Format | null> {
  for (const format of formats) if (await format.recognise(found)) return format;
  if (whatItIs(found.head)) return null;
  return (await tables.recognise(found)) ? tables : null;
}

function kindOf({ head, path, size }: Probe): { format: string; why: string } {
  if (size === 0 || head.length === 0)
    return { format: 'empty', why: 'is empty; it was probably not copied to the end' };
  if (isZip(head) || isTar(head))
    return { format: 'archive', why: 'is an archive inside an archive; drop it by itself' };
  const known = whatItIs(head) ?? unknownKind(path, head);
  if (hasPictureName(path) && known.format === 'unknown')
    return { ...known, why: 'is named like a picture but is none; it is damaged or of another kind' };
  return known;
}
