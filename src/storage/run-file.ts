/**
 * A whole run as one file, to move it to another browser or keep it: a zip with
 *
 *   manifest.json  format, version, the user's data of the run, its recipe, its progress, and a digest of each other entry
 *   log.bin        its events (`pack` of the chunks' entries, in order)
 *   files/…        checkpoints and weights, as they are stored
 *   images.bin     its data set, if it is the user's own and was asked for
 *   teacher.bin    its teacher, if it is the user's own
 *
 * The manifest alone describes the file before any of it is loaded. Sizes, digests and shapes are all checked before
 * the run is stored.
 */
import { BlobReader, BlobWriter, TextReader, Writer, ZipReader, ZipWriter } from '@zip.js/zip.js';
import type { Entry, FileEntry } from '@zip.js/zip.js';
import { storeDataset } from './datasets';
import { digestOf } from './digest';
import type { LogEntry } from './event-log';
import { StorageFault } from './faults';
import { readWhole } from './journal';
import { addRun } from './library';
import { pack, unpack, unpackViews } from './pack';
import { soundLabel, soundProgress } from './stored-rows';
import { soundEntries, soundTeacher } from './run-contents';
import { soundDataset } from './set-contents';
import { loadTeacher, storeTeacher, teacherId, teacherOf } from './stored-teachers';
import type { DatasetRef, RunId, RunLabel, RunProgress, StoredFile } from './schema';
import type { Storage } from './storage';

const format = 'retort-run';
/** Raised when an older page could not read the file. Version 2 lists backends. */
const version = 2;
/** Bytes; any manifest is smaller. */
const longestManifest = 32 * 1024 * 1024;
/** Limit on unpacked bytes: as many images as can be imported, all equal, so that the zip is far smaller. */
const mostUnpacked = 1.25 * 1024 ** 3;
/** Deflate never compresses below this ratio. */
const mostDeflated = 1 / 1040;

const logName = 'log.bin';
const imagesName = 'images.bin';
const teacherName = 'teacher.bin';

export interface Manifest {
  format: typeof format;
  version: number;
  label: Omit<RunLabel, 'id' | 'deletedAt'>;
  /** Its file names are those in the zip. */
  progress: RunProgress;
  /** All entries except the manifest. */
  entries: Record<string, { bytes: number; digest: string }>;
}

/** What can be known of a file before it is loaded. */
export interface Peek {
  label: Manifest['label'];
  progress: RunProgress;
  /** Bytes of all contents. */
  bytes: number;
  /** Whether its data set is in the file; null when it needs none. */
  images: boolean | null;
}

/** @throws StorageFault, DOMException when the run cannot be read */
export async function writeRunFile(storage: Storage, run: RunId, withImages: boolean): Promise<Blob> {
  const { database, files } = storage;
  const [label, stored] = await Promise.all([database.get('runs', run), database.get('progress', run)]);
  const progress = stored && soundProgress(stored);
  if (!label || !progress) throw new StorageFault('lost', 'This run is not stored.');
  const chunks = await database.getAll('log', IDBKeyRange.bound([run, 0], [run, Infinity]));
  const contents = new Map<string, { bytes: Blob; digest: string }>();
  const put = async (name: string, bytes: Uint8Array<ArrayBuffer>) =>
    contents.set(name, { bytes: new Blob([bytes]), digest: await digestOf([bytes]) });
  await put(logName, pack(chunks.map(({ entries }) => entries)));
  const renamed = await withFiles(progress, async (file) => {
    const path = `files/${contents.size}`;
    await put(path, await readWhole(storage, file));
    return { ...file, path };
  });
  if (withImages && progress.dataset.kind === 'stored') {
    const about = await database.get('datasets', progress.dataset.hash);
    // Not read here: data sets can be large, and their name is their digest.
    if (about) contents.set(imagesName, { bytes: await files.blob(about.path), digest: about.digest });
  }
  const teacher = teacherOf(label.recipe);
  const imported = teacher === null ? null : await loadTeacher(storage, teacher);
  if (imported) await put(teacherName, pack(imported));
  const entries: Manifest['entries'] = {};
  for (const [name, { bytes, digest }] of contents) entries[name] = { bytes: bytes.size, digest };
  const { name, number, note, notes, recipe, createdAt } = soundLabel(label);
  const listsBackends = chunks.some((chunk) => chunk.entries.some(({ type }) => type === 'backend'));
  const manifest: Manifest = {
    format,
    // The lower version where it suffices, so that older pages can read the file.
    version: listsBackends ? version : 1,
    label: { name, number, note, notes, recipe, createdAt },
    progress: renamed,
    entries,
  };
  const writer = new ZipWriter(new BlobWriter('application/zip'), { useWebWorkers: false });
  await writer.add('manifest.json', new TextReader(JSON.stringify(manifest)));
  // Weights hardly compress; step values and images do.
  for (const [name, { bytes }] of contents)
    await writer.add(name, new BlobReader(bytes), { level: name.startsWith('files/') ? 0 : 6 });
  return writer.close();
}

/** @throws StorageFault with a sentence when the file is no run, damaged, or newer than this page */
export async function peekRunFile(file: Blob): Promise<Peek> {
  const { manifest, close } = await openRunFile(file);
  await close();
  const { label, progress, entries } = manifest;
  return {
    label,
    progress,
    bytes: Object.values(entries).reduce((sum, { bytes }) => sum + bytes, 0),
    images: progress.dataset.kind === 'stored' ? imagesName in entries : null,
  };
}

/**
 * Stores the run of a file as a new run.
 * @returns the new run
 * @throws StorageFault, DOMException: nothing of it is stored then
 */
export async function readRunFile(storage: Storage, file: Blob): Promise<RunId> {
  const { manifest, read, close } = await openRunFile(file);
  const { database, files } = storage;
  const run = crypto.randomUUID();
  try {
    // Files that were written before an error are removed again.
    const log = logOf(unpack(await read(logName)), manifest.progress);
    const images = imagesName in manifest.entries ? await read(imagesName) : null;
    const dataset = images && soundDataset(unpackViews(images));
    if (images && !dataset) throw unusable('its data set');
    const teacher = teacherName in manifest.entries ? soundTeacher(unpack(await read(teacherName))) : null;
    if (!teacher && teacherName in manifest.entries) throw unusable('its teacher');
    let count = 0;
    const taken = new Set<string>();
    const { checkpoints, kept } = manifest.progress;
    const states = new Set([...checkpoints, ...kept].map(({ path }) => path));
    const progress = await withFiles(manifest.progress, async (stored) => {
      // A file that is named several times would be stored several times.
      if (taken.size === taken.add(stored.path).size) throw damaged();
      const bytes = await read(stored.path);
      if (states.has(stored.path) && !isState(unpack(bytes))) throw unusable('a saved state');
      const path = `runs/${run}/file-${++count}`;
      await files.write(path, [bytes]);
      return { ...stored, path };
    });
    const put = async (dataset: DatasetRef) => {
      const change = database.transaction(['progress', 'log'], 'readwrite', { durability: 'strict' });
      // A run that was under way when the file was written counts as interrupted.
      await change
        .objectStore('progress')
        .put({ ...progress, run, dataset, writer: crypto.randomUUID(), savedAt: Date.now() });
      for (const [place, entries] of log.entries())
        await change.objectStore('log').put({ run, place, entries });
      await change.done;
    };
    const hash = manifest.entries[imagesName]?.digest;
    if (images && dataset && hash)
      await storeDataset(storage, { about: dataset, hash, parts: [images] }, put);
    else await put(progress.dataset);
    if (teacher) await takeTeacher(storage, teacher);
    await addRun(storage, { ...manifest.label, id: run, deletedAt: null });
    return run;
  } catch (error) {
    await database.delete('progress', run).catch(() => undefined);
    await files.remove(`runs/${run}`).catch(() => undefined);
    throw error instanceof StorageFault || error instanceof DOMException ? error : damaged(error);
  } finally {
    await close();
  }
}

/** The chunks of a log. @throws StorageFault when an entry is invalid, or their number differs from the manifest */
function logOf(input: unknown, { chunks }: RunProgress): LogEntry[][] {
  if (!Array.isArray(input) || input.length !== chunks || !input.every(Array.isArray)) throw damaged();
  const entries: unknown[] = input.flat();
  if (soundEntries(entries).length !== entries.length) throw unusable('a part of its curves');
  return input as LogEntry[][];
}

/** Whether it can be a state. Training checks its contents when the run is resumed. */
function isState(input: unknown): boolean {
  return (
    typeof input === 'object' && input !== null && 'version' in input && typeof input.version === 'number'
  );
}

/** The file's description of its teacher is only displayed; its identity is computed from its bytes. */
async function takeTeacher(
  storage: Storage,
  { about, files }: NonNullable<ReturnType<typeof soundTeacher>>,
): Promise<void> {
  if ((await teacherId(files)) !== about.id) throw damaged();
  await storeTeacher(storage, about, files);
}

interface OpenRunFile {
  manifest: Manifest;
  /** An entry, verified. */
  read: (name: string) => Promise<Uint8Array<ArrayBuffer>>;
  close: () => Promise<void>;
}

async function openRunFile(file: Blob): Promise<OpenRunFile> {
  const reader = new ZipReader(new BlobReader(file), { useWebWorkers: false });
  const close = () => reader.close().catch(() => undefined);
  try {
    const found = await reader.getEntries().catch(async (error: unknown) => {
      throw (await isZip(file)) ? damaged(error) : notARun(error);
    });
    const entries = new Map(found.flatMap((entry) => (entry.directory ? [] : [[entry.filename, entry]])));
    const unpacked = found.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
    if (unpacked > file.size + mostUnpacked) throw tooLarge();
    if (found.some(promisesTooMuch)) throw damaged();
    const about = entries.get('manifest.json');
    if (!about || about.uncompressedSize > longestManifest) throw notARun();
    const manifest = checked(JSON.parse(new TextDecoder().decode(await bytesOf(about))));
    const read = async (name: string) => {
      const [entry, expected] = [entries.get(name), manifest.entries[name]];
      if (!entry || !expected || entry.uncompressedSize !== expected.bytes) throw damaged();
      const bytes = await bytesOf(entry);
      if ((await digestOf([bytes])) !== expected.digest) throw damaged();
      return bytes;
    };
    return { manifest, read, close };
  } catch (error) {
    await close();
    throw error instanceof StorageFault ? error : damaged(error);
  }
}

/** @throws StorageFault when an entry is larger or smaller than it states, before more memory than that is used */
async function bytesOf(entry: FileEntry): Promise<Uint8Array<ArrayBuffer>> {
  return entry.getData(new ExactWriter(entry.uncompressedSize), { checkSignature: true });
}

/** Memory is allocated for the size that an entry states, so that size must be plausible. */
function promisesTooMuch({ compressedSize, uncompressedSize }: Entry): boolean {
  return compressedSize < uncompressedSize * mostDeflated - 64;
}

class ExactWriter extends Writer<Uint8Array<ArrayBuffer>> {
  private readonly bytes: Uint8Array<ArrayBuffer>;
  private at = 0;

  constructor(size: number) {
    super();
    this.bytes = new Uint8Array(size);
  }

  override async writeUint8Array(piece: Uint8Array): Promise<void> {
    if (this.at + piece.length > this.bytes.length) throw damaged();
    this.bytes.set(piece, this.at);
    this.at += piece.length;
  }

  override async getData(): Promise<Uint8Array<ArrayBuffer>> {
    if (this.at < this.bytes.length) throw damaged();
    return this.bytes;
  }
}

/** A truncated run file starts like a complete one. */
async function isZip(file: Blob): Promise<boolean> {
  const [p, k, three, four] = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  return p === 0x50 && k === 0x4b && three === 3 && four === 4;
}

/** Requires what a run cannot lack; other invalid fields are left out. */
function checked(input: unknown): Manifest {
  const manifest = input as Partial<Manifest> | null;
  if (manifest?.format !== format || typeof manifest.version !== 'number') throw notARun();
  if (manifest.version > version)
    throw new StorageFault(
      'newer',
      'This file was written by a newer version of the page. Reload the page to get it, and try again.',
    );
  const { label, progress, entries } = manifest;
  const whole =
    typeof label?.name === 'string' &&
    typeof label.number === 'number' &&
    typeof label.recipe === 'object' &&
    typeof progress?.chunks === 'number' &&
    Array.isArray(progress.checkpoints) &&
    Array.isArray(progress.kept) &&
    Array.isArray(progress.curve?.steps) &&
    typeof progress.dataset?.kind === 'string' &&
    typeof progress.weights === 'object' &&
    typeof entries === 'object' &&
    entries !== null &&
    Object.values(entries).every(isEntry);
  if (!whole) throw damaged();
  const { name, number, note, notes, recipe, createdAt } = soundLabel(label as RunLabel);
  return {
    ...(manifest as Manifest),
    label: { name, number, note, notes, recipe, createdAt },
    progress: soundProgress(progress as RunProgress),
  };
}

function isEntry(input: unknown): boolean {
  const { bytes, digest } = (input ?? {}) as Record<string, unknown>;
  return Number.isSafeInteger(bytes) && (bytes as number) >= 0 && typeof digest === 'string';
}

/** The progress with each of its files replaced by the result of `change`, one after the other. */
async function withFiles(
  progress: RunProgress,
  change: <F extends StoredFile>(file: F) => Promise<F>,
): Promise<RunProgress> {
  const next = structuredClone(progress);
  for (const [i, file] of next.checkpoints.entries()) next.checkpoints[i] = await change(file);
  for (const [i, file] of next.kept.entries()) next.kept[i] = await change(file);
  if (next.best) next.best = await change(next.best);
  for (const [learner, file] of Object.entries(next.weights))
    next.weights[learner as keyof RunProgress['weights']] = await change(file);
  return next;
}

function notARun(cause?: unknown): StorageFault {
  return new StorageFault('damaged', 'This is not a run that was saved from this page.', { cause });
}

function tooLarge(): StorageFault {
  return new StorageFault('damaged', 'This file unpacks to more than any run takes, so it was not unpacked.');
}

function unusable(part: string): StorageFault {
  return new StorageFault(
    'damaged',
    `The file is damaged (${part}), so the run was not added. Save it again where it comes from.`,
  );
}

function damaged(cause?: unknown): StorageFault {
  return new StorageFault('damaged', 'The file is damaged: it was cut off or changed on its way.', { cause });
}
