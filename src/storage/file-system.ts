/** Large files: weights and data sets, in the origin-private file system. */
import { StorageFault } from './faults';

/** A part of a file to write; blobs are read in pieces. */
export type Part = Uint8Array<ArrayBuffer> | Blob;

/** Files by path ("runs/ID/checkpoint-3"). Folders are created on write and removed with their files. */
export interface Files {
  /** Writes a new file; resolves when the bytes are on disk. @throws DOMException, StorageFault */
  write(path: string, parts: readonly Part[]): Promise<void>;
  /** @throws DOMException `NotFoundError` when there is none */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** The file as a blob, read on use. */
  blob(path: string): Promise<Blob>;
  /** Removes a file, or a folder with its contents; does nothing when there is none. */
  remove(path: string): Promise<void>;
  /** Names in a folder; empty when there is no such folder. */
  list(folder: string): Promise<string[]>;
  /** Bytes of the files in a folder; 0 when there is no such folder. */
  bytes(folder: string): Promise<number>;
}

/** @throws DOMException where the browser has no file system or denies it */
export async function openFiles(): Promise<Files> {
  const root = await navigator.storage.getDirectory();
  return new PrivateFiles((await hasExclusiveHandles(root)) ? writeAtOnce : writeAsStream);
}

type Write = (file: FileSystemFileHandle, parts: readonly Part[]) => Promise<void>;

class PrivateFiles implements Files {
  constructor(private readonly fill: Write) {}

  async write(path: string, parts: readonly Part[]): Promise<void> {
    const { folder, name } = placeOf(path);
    const file = await (await this.folder(folder, true)).getFileHandle(name, { create: true });
    await this.fill(file, parts);
  }

  async read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await (await this.blob(path)).arrayBuffer());
  }

  async blob(path: string): Promise<Blob> {
    const { folder, name } = placeOf(path);
    return (await (await this.folder(folder, false)).getFileHandle(name)).getFile();
  }

  async remove(path: string): Promise<void> {
    const { folder, name } = placeOf(path);
    try {
      await (await this.folder(folder, false)).removeEntry(name, { recursive: true });
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  async list(folder: string): Promise<string[]> {
    try {
      const names: string[] = [];
      for await (const name of (await this.folder(folder.split('/'), false)).keys()) names.push(name);
      return names;
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  async bytes(folder: string): Promise<number> {
    const names = await this.list(folder);
    // A file that is removed meanwhile counts as 0 bytes.
    const sizes = names.map((name) =>
      this.blob(`${folder}/${name}`).then(
        ({ size }) => size,
        () => 0,
      ),
    );
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  }

  /**
   * The root is requested for each access. In Chromium a root obtained before the storage was cleared accepts one
   * more write, and after that write the whole origin cannot write until the browser is restarted.
   */
  private async folder(names: readonly string[], create: boolean): Promise<FileSystemDirectoryHandle> {
    let folder = await navigator.storage.getDirectory();
    for (const name of names) folder = await folder.getDirectoryHandle(name, { create });
    return folder;
  }
}

/**
 * Whether exclusive file handles work. They exist in workers only, and are the only way to write in older browsers.
 * WebKitGTK up to 2.50 has the method but throws, and that file can no longer be written, so the test uses a dummy
 * file.
 */
async function hasExclusiveHandles(root: FileSystemDirectoryHandle): Promise<boolean> {
  if (typeof FileSystemFileHandle === 'undefined') return false;
  if (!('createSyncAccessHandle' in FileSystemFileHandle.prototype)) return false;
  const name = `probe-${crypto.randomUUID()}`;
  try {
    const file = await root.getFileHandle(name, { create: true });
    (await file.createSyncAccessHandle()).close();
    return true;
  } catch (error) {
    return !(error instanceof DOMException && error.name === 'NotSupportedError');
  } finally {
    await root.removeEntry(name).catch(() => undefined);
  }
}

/** `flush` forces the bytes to disk. */
async function writeAtOnce(file: FileSystemFileHandle, parts: readonly Part[]): Promise<void> {
  const handle = await file.createSyncAccessHandle();
  try {
    handle.truncate(0);
    let at = 0;
    for (const part of parts)
      for await (const bytes of part instanceof Blob ? piecesOf(part) : [part]) {
        const written = handle.write(bytes, { at });
        if (written < bytes.length) throw new DOMException('The file was cut short.', 'QuotaExceededError');
        at += written;
      }
    handle.flush();
  } finally {
    handle.close();
  }
}

/** Bytes per piece; the page or worker blocks while each is copied. */
const piece = 2 * 1024 * 1024;

async function writeAsStream(file: FileSystemFileHandle, parts: readonly Part[]): Promise<void> {
  const stream = await file.createWritable();
  try {
    for (const part of parts) for await (const bytes of piecesOf(part)) await stream.write(bytes);
  } catch (error) {
    await stream.abort().catch(() => undefined);
    throw error;
  }
  await stream.close();
}

async function* piecesOf(part: Part): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (part instanceof Blob)
    for (let at = 0; at < part.size; at += piece)
      yield new Uint8Array(await part.slice(at, at + piece).arrayBuffer());
  else for (let at = 0; at < part.length; at += piece) yield part.subarray(at, at + piece);
}

function placeOf(path: string): { folder: string[]; name: string } {
  const folder = path.split('/');
  const name = folder.pop();
  if (!name) throw new StorageFault('unknown', 'A file needs a name.');
  return { folder, name };
}

function isMissing(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotFoundError';
}
