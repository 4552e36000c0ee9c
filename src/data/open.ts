/** Opens dropped files: archives become single files, one level deep. */
import { isGzip } from './containers/gzip';
import { gunzipKnown, packedText } from './containers/gunzip-known';
import { isTar, openTar } from './containers/tar';
import { isZip, openZip } from './containers/zip';
import { isTorchFile } from '../torch-file/torch-file';
import type { ImportFile } from './import-report';
import { Refusal, type ImportContext } from './import-context';
import { bytesInWords, counted, plural } from './limits';
import { baseName, byCodePoint, isJunk, stem, tidyPath } from './paths';
import { noFiles, addFile, type FilesByFormat } from './files-by-format';
import { headBytes, readBlob, sourceOf, Unreadable, type Source, type Whole } from './source';

export type ContainerKind = 'zip' | 'tar' | 'files';

export interface Opened extends FilesByFormat {
  /** What contained the files, for the report. */
  container: ContainerKind;
}

type Archive = { path: string } & ({ kind: 'zip'; whole: Blob } | { kind: 'tar'; whole: Whole });

/**
 * Opens all dropped files and groups them by format. Throws a refusal when a limit is exceeded or when the only file
 * cannot be read.
 */
export async function openFiles(files: readonly ImportFile[], context: ImportContext): Promise<Opened> {
  const dropped = files
    .map((file) => ({ ...file, path: tidyPath(file.path) }))
    .filter(({ path }) => !isJunk(path))
    .sort((a, b) => byCodePoint(a.path, b.path));
  checkUpload(dropped, context);
  const alone = dropped.length === 1;
  const paths = new Set(dropped.map(({ path }) => path));
  const byFormat = noFiles();
  const archives: Archive[] = [];
  // A gzip file is skipped when its unpacked copy is beside it, as download scripts leave them.
  const wanted = dropped.filter(({ path }) => !(/\.gz$/i.test(path) && paths.has(path.slice(0, -3))));
  let i = 0;
  for await (const [{ path, bytes, className }, head] of withHeads(wanted)) {
    if (i % 64 === 0) context.progress('Looking at the files', wanted.length > 64 ? i / wanted.length : null);
    i++;
    await context.yieldToMessages();
    const found = await openOne(path, bytes, head, context);
    if ('archive' in found) archives.push(found.archive);
    else
      await addFile(
        byFormat,
        className === undefined ? found.source : { ...found.source, className },
        alone,
        context,
        found.head,
      );
  }
  // Tables and MATLAB files beside an archive may hold its labels; any other format beside it is a data set of its own.
  const complete = [...byFormat.groups.keys()].some(({ name }) => name !== 'CSV' && name !== 'MATLAB');
  for (const archive of archives)
    if (complete) context.skip(archive.path, 'is an archive beside other data; drop it by itself');
    else await openArchive(byFormat, archive, archives.length > 1, context);
  return { ...byFormat, container: archives.length === 0 || complete ? 'files' : archives[0]!.kind };
}

function checkUpload(files: readonly ImportFile[], context: ImportContext): void {
  if (files.length === 0) throw new Refusal('No file was given. Choose or drop a data set.');
  if (files.length > context.limits.entries)
    throw new Refusal(
      `There are ${plural(files.length, 'file')}; the limit is ${counted(context.limits.entries)}. Pack fewer of them.`,
    );
  const bytes = files.reduce((sum, file) => sum + file.bytes.size, 0);
  if (bytes > context.limits.uploadBytes)
    throw new Refusal(
      `The files take ${bytesInWords(bytes)}; the limit is ${bytesInWords(context.limits.uploadBytes)}. Use fewer or smaller images.`,
    );
}

/** Number of file heads that are prefetched: one read has a long latency, and many at a time take no longer. */
const ahead = 16;

/** The files, each with its first bytes. Rejects with a refusal when one can no longer be read. */
async function* withHeads<F extends ImportFile>(
  files: readonly F[],
): AsyncGenerator<[F, Uint8Array<ArrayBuffer>]> {
  const asked: Promise<Uint8Array<ArrayBuffer>>[] = [];
  let next = 0;
  for (const file of files) {
    while (next < files.length && asked.length < ahead) {
      const { bytes, path } = files[next++]!;
      const head = readBlob(bytes, 0, headBytes, path);
      // A prefetch that is never awaited, because the import ended first, must not count as unhandled.
      head.catch(() => undefined);
      asked.push(head);
    }
    yield [file, await asked.shift()!];
  }
}

type Found = { archive: Archive } | { source: Source; head?: Uint8Array<ArrayBuffer> };

/** The archive inside a file, or the file itself; both unpacked from gzip where needed. */
async function openOne(
  path: string,
  blob: Blob,
  head: Uint8Array<ArrayBuffer>,
  context: ImportContext,
): Promise<Found> {
  if (head[0] === 0x50 && head[1] === 0x4b && head[2] === 7 && head[3] === 8)
    throw new Refusal(`${path} is one part of a split zip. Join the parts or pack it as one file.`, 'zip');
  // A zip too, which is one file.
  if (isTorchFile(head)) return { source: sourceOf(path, path, blob), head };
  if (isZip(head)) return { archive: { kind: 'zip', path, whole: blob } };
  if (isTar(head)) return { archive: { kind: 'tar', path, whole: blob } };
  if (!isGzip(head)) return { source: sourceOf(path, path, blob), head };
  context.progress(`Unpacking ${baseName(path)}`);
  return openGzip(path, blob, context);
}

async function openGzip(path: string, blob: Blob, context: ImportContext): Promise<Found> {
  const name = path.replace(/\.gz$/i, '');
  try {
    const text = await packedText(blob, name, path, context);
    if (text) return { source: text };
    const inside = await gunzipKnown(blob, context);
    if (isTar(inside.subarray(0, headBytes))) return { archive: { kind: 'tar', path, whole: inside } };
    return { source: sourceOf(name, path, inside) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new Refusal(`${path} ${error.message}.`, 'gzip');
  }
}

async function openArchive(
  byFormat: FilesByFormat,
  archive: Archive,
  several: boolean,
  context: ImportContext,
): Promise<void> {
  const { kind, path } = archive;
  context.format = kind;
  const sources =
    archive.kind === 'zip' ? openZip(archive.whole, path, context) : openTar(archive.whole, path, context);
  let seen = 0;
  let office = false;
  const paths = new Set<string>();
  for await (const source of sources) {
    if (paths.has(source.path)) {
      context.skip(source.where, 'is in the archive a second time; the first one was taken');
      continue;
    }
    paths.add(source.path);
    office ||= source.path === '[Content_Types].xml';
    if (seen++ % 200 === 0) context.progress(`Looking into ${baseName(path)}: ${plural(seen, 'file')}`);
    await addFile(byFormat, several ? under(stem(path), source) : source, false, context);
  }
  if (office)
    throw new Refusal(
      `${path} is an Office document, not an archive of images. Save a sheet as CSV (UTF-8), pictures as PNG.`,
      'Office document',
    );
  if (seen === 0 && context.skippedCount === 0) throw new Refusal(`${path} holds no files.`);
}

/**
 * Each of several archives counts as a folder: "train.zip" and "test.zip" are splits, "cats.zip" and "dogs.zip"
 * classes.
 */
function under(folder: string, source: Source): Source {
  return Object.assign(source, { path: `${folder}/${source.path}` });
}
