/**
 * A data set as the page holds it: its description in memory, its images in a packed file (`pack.ts`). The file is in
 * storage, or in memory where nothing can be stored. It is passed to a worker by reference, without a copy.
 */
import type { LabelledImages, ImageSetAbout } from '../data/labelled-images';
import { digestOf } from './digest';
import { StorageFault } from './faults';
import { PackedArray, packParts, unpackOutline, unpackViews } from './pack';
import type { DatasetRef } from './schema';

/** Loaded on demand, because the first paint reads nothing. */
const checks = () => import('./run-contents');

export interface ImageSet extends ImageSetAbout {
  /** Digest of the user's own set; id of a bundled one. */
  readonly key: string;
  readonly file: Blob;
  /** Whether `file` is in storage. */
  readonly stored: boolean;
  /** Offsets of the images of each split in `file`. */
  readonly at: { readonly train: number; readonly test: number };
}

/**
 * Reference to a data set in messages: bundled sets by id, others by digest, with the packed file if it is not
 * stored.
 */
export type SetRef = DatasetRef | { kind: 'held'; hash: string; file: Blob };

/** References to the user's own sets. */
export type OwnSetRef = Exclude<SetRef, { kind: 'bundled' }>;

/** A data set ready to be written. */
export interface PackedSet {
  about: ImageSetAbout;
  hash: string;
  /** Views of the set's own arrays, or one file. */
  parts: readonly (Uint8Array<ArrayBuffer> | Blob)[];
}

/** Packs a set and computes its digest: equal images, labels and names have the same digest everywhere. */
export async function packSet(dataset: LabelledImages): Promise<PackedSet> {
  const parts = packParts(dataset);
  return { about: dataset, hash: await digestOf(parts), parts };
}

/** A set that exists in memory only. */
export async function heldSet({ parts, hash }: Pick<PackedSet, 'parts' | 'hash'>): Promise<ImageSet> {
  return openImageSet(new Blob([...parts]), hash, false);
}

/**
 * Reads the description of a packed set. The images are verified by `unpackSet`, which reads all of them.
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
 * A whole set, as views of its packed bytes.
 * @throws StorageFault `damaged` or `newer` when they do not match the digest
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

/** @returns null for a bundled set, which recipes name by id */
export function ownRefOf(set: ImageSet): OwnSetRef | null {
  const ref = refOf(set);
  return ref.kind === 'bundled' ? null : ref;
}

function damagedImages(): StorageFault {
  return new StorageFault('damaged', 'The stored images are damaged.');
}

/** The outline with its labels read; returned unchanged when it has none. */
async function withLabels(file: Blob, outline: unknown): Promise<unknown> {
  const read = async (split: unknown) => {
    const { labels } = (split ?? {}) as { labels?: unknown };
    return labels instanceof PackedArray ? { ...(split as object), labels: await labels.read(file) } : split;
  };
  if (typeof outline !== 'object' || outline === null) return outline;
  const { train, test } = outline as { train?: unknown; test?: unknown };
  return { ...outline, train: await read(train), test: await read(test) };
}
