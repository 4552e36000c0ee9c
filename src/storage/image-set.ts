/**
 * A data set as the page holds it: described in memory, its images left in a packed file (`pack.ts`). The file lies in
 * the storage, or in memory where nothing can be stored. It crosses to a worker by reference, without a copy.
 */
import type { LabelledImages, ImageSetAbout } from '../data/labelled-images';
import { digestOf } from './digest';
import { StorageFault } from './faults';
import { PackedArray, packParts, unpackOutline, unpackViews } from './pack';
import type { DatasetRef } from './schema';

/** Checks of what is read: not for the first paint, when nothing is. */
const checks = () => import('./run-contents');

export interface ImageSet extends ImageSetAbout {
  /** Digest of the person's own set; id of a bundled one. */
  readonly key: string;
  readonly file: Blob;
  /** Whether `file` is one of the storage. */
  readonly stored: boolean;
  /** Where the images of each split begin in `file`. */
  readonly at: { readonly train: number; readonly test: number };
}

/** How a message names a data set: bundled ones by id, others by digest, with the packed file where it is not stored. */
export type SetRef = DatasetRef | { kind: 'held'; hash: string; file: Blob };

/** The person's own sets among them. */
export type OwnSetRef = Exclude<SetRef, { kind: 'bundled' }>;

/** A data set ready to be written. */
export interface PackedSet {
  about: ImageSetAbout;
  hash: string;
  /** Views of the set's own arrays, or one file. */
  parts: readonly (Uint8Array<ArrayBuffer> | Blob)[];
}

/** The digest of a set is what it is called: the same images, labels and names have the same one everywhere. */
export async function packSet(dataset: LabelledImages): Promise<PackedSet> {
  const parts = packParts(dataset);
  return { about: dataset, hash: await digestOf(parts), parts };
}

/** A set that is in memory only. */
export async function heldSet({ parts, hash }: Pick<PackedSet, 'parts' | 'hash'>): Promise<ImageSet> {
  return openImageSet(new Blob([...parts]), hash, false);
}

/**
 * Reads the description of a packed set. That the images are as they were written is checked by those who read all of
 * them (`unpackSet`).
 * @throws StorageFault `damaged` or `newer`, DOMException when the file cannot be read
 */
export async function openImageSet(file: Blob, key: string, stored: boolean): Promise<ImageSet> {
  const found = (await checks()).soundOutline(await withLabels(file, await unpackOutline(file)));
  if (!found) throw damagedImages();
  const { train, test, ...about } = found;
  return {
    ...about,
    train: { labels: train.labels, count: train.count },
    test: { labels: test.labels, count: test.count },
    key,
    file,
    stored,
    at: { train: train.images.at, test: test.images.at },
  };
}

/**
 * A whole set, as views of the bytes it was packed as.
 * @throws StorageFault `damaged` or `newer` when they are not what its digest says
 */
export async function unpackSet(bytes: Uint8Array<ArrayBuffer>, hash: string): Promise<LabelledImages> {
  if ((await digestOf([bytes])) !== hash) throw damagedImages();
  const dataset = (await checks()).soundDataset(unpackViews(bytes));
  if (!dataset) throw damagedImages();
  return dataset;
}

export function isOwnSet({ key, id }: ImageSet): boolean {
  return key !== id;
}

export function refOf(set: ImageSet): SetRef {
  const { id, key: hash, stored, file } = set;
  if (!isOwnSet(set)) return { kind: 'bundled', id };
  return stored ? { kind: 'stored', hash } : { kind: 'held', hash, file };
}

/** @returns null for a bundled set, which recipes name by themselves */
export function ownRefOf(set: ImageSet): OwnSetRef | null {
  const ref = refOf(set);
  return ref.kind === 'bundled' ? null : ref;
}

function damagedImages(): StorageFault {
  return new StorageFault('damaged', 'The stored images are damaged.');
}

/** The outline with its labels read; what has none is left as it is. */
async function withLabels(file: Blob, outline: unknown): Promise<unknown> {
  const read = async (split: unknown) => {
    const { labels } = (split ?? {}) as { labels?: unknown };
    return labels instanceof PackedArray ? { ...(split as object), labels: await labels.read(file) } : split;
  };
  if (typeof outline !== 'object' || outline === null) return outline;
  const { train, test } = outline as { train?: unknown; test?: unknown };
  return { ...outline, train: await read(train), test: await read(test) };
}
