/** Pictures that the user is sorting into classes: one file each, and an index that is written last. */
import type { Storage } from './storage';

export interface StoredPicture {
  /** Unique name of its file; never reused. */
  key: string;
  name: string;
  bytes: Blob;
}

export interface StoredClass {
  name: string;
  pictures: StoredPicture[];
}

interface IndexedClass {
  name: string;
  pictures: { key: string; name: string; type: string }[];
}

/** Loaded on demand, because the first paint reads nothing. */
const checks = () => import('./checks');

const folder = 'collection';
const index = `${folder}/index`;

/**
 * Takes the lock of the collection for as long as the page is open.
 * @returns whether this page has it: of several tabs, one stores its collection
 */
export function holdCollection({ locks }: Storage): Promise<boolean> {
  return new Promise((resolve, reject) => {
    locks
      .request('retort/collection', { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock ? new Promise<void>(() => undefined) : undefined;
      })
      .catch(reject);
  });
}

/** Writes what has changed since the last save. @throws DOMException, StorageFault */
export async function saveCollection({ files }: Storage, classes: readonly StoredClass[]): Promise<void> {
  const there = new Set(await files.list(folder));
  const wanted = new Set(['index']);
  for (const { key, bytes } of classes.flatMap(({ pictures }) => pictures)) {
    wanted.add(key);
    if (!there.has(key)) await files.write(`${folder}/${key}`, [new Uint8Array(await bytes.arrayBuffer())]);
  }
  const indexed: IndexedClass[] = classes.map(({ name, pictures }) => ({
    name,
    pictures: pictures.map((picture) => ({ key: picture.key, name: picture.name, type: picture.bytes.type })),
  }));
  const { pack } = await checks();
  await files.write(index, [pack(indexed)]);
  for (const key of there) if (!wanted.has(key)) await files.remove(`${folder}/${key}`);
}

/** The last save; null when there is none. Pictures whose file is missing are skipped. */
export async function loadCollection({ files }: Storage): Promise<StoredClass[] | null> {
  const bytes = await files.read(index).catch(() => null);
  if (!bytes) return null;
  const { unpack } = await checks();
  const classes: StoredClass[] = [];
  for (const { name, pictures } of unpack(bytes) as IndexedClass[]) {
    const found: StoredPicture[] = [];
    for (const { key, name: own, type } of pictures) {
      const blob = await files.blob(`${folder}/${key}`).catch(() => null);
      if (blob) found.push({ key, name: own, bytes: blob.slice(0, blob.size, type) });
    }
    classes.push({ name, pictures: found });
  }
  return classes;
}
