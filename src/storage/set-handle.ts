/**
 * A data set as the page holds it: its description and its targets in memory, its inputs in a packed file (`pack.ts`).
 * The file is in storage, or in memory where nothing can be stored. It is passed to a worker by reference, without a
 * copy.
 */
import { onlyView, type Column, type Dataset, type Split } from '../data/dataset';
import { StoredColumn, type ReadBytes } from '../data/stored-column';
import { digestOf, digestOfFile } from './digest';
import { StorageFault } from './faults';
import type { DatasetRef } from './schema';
import type { SplitOutline } from './set-contents';

/** Loaded on demand, because the first paint reads nothing. */
const checks = () => import('./checks');

/** Where the rows of one view lie in the file of a set. */
export interface StoredRows {
  readonly kind: 'Uint8Array' | 'Float32Array';
  /** Offset of the first row in the file. */
  readonly at: number;
  /** Of one row. */
  readonly shape: readonly number[];
}

/** A split whose inputs are in the file. */
export interface SplitHandle extends Omit<Split, 'inputs'> {
  readonly rows: Readonly<Record<string, StoredRows>>;
}

/** A data set without its inputs. */
export interface SetAbout extends Omit<Dataset, 'train' | 'test'> {
  train: { readonly count: number };
  test: { readonly count: number };
}

export interface SetHandle extends SetAbout, Readonly<Beside> {
  train: SplitHandle;
  test: SplitHandle;
  /** Digest of the user's own set; id of a bundled one. */
  readonly key: string;
  readonly file: Blob;
  /** Whether `file` is in storage. */
  readonly stored: boolean;
}

/**
 * Reference to a data set in messages: bundled sets by id, others by digest, with the packed file if it is not
 * stored.
 */
export type SetRef = DatasetRef | HeldRef;

interface HeldRef extends Beside {
  kind: 'held';
  hash: string;
  file: Blob;
}

/** What lies beside the file of a set and is no part of its digest. */
export interface Beside {
  /** Names of its rows (`row-sources-file.ts`). */
  sources?: Blob | undefined;
  /** The sounds behind its pictures (`sounds-file.ts`). */
  sounds?: Blob | undefined;
}

/** References to the user's own sets. */
export type OwnSetRef = Exclude<SetRef, { kind: 'bundled' }>;

/** A data set ready to be written. */
export interface PackedSet extends Beside {
  about: SetAbout;
  hash: string;
  /** Views of the set's own arrays, or one file. */
  parts: readonly (Uint8Array<ArrayBuffer> | Blob)[];
}

/** Packs a set and computes its digest: equal inputs, targets and names have the same digest everywhere. */
export async function packSet(dataset: Dataset): Promise<PackedSet> {
  const { packParts, packedForm, packSources } = await checks();
  const parts = packParts(packedForm(dataset));
  return { about: dataset, hash: await digestOf(parts), parts, sources: packSources(dataset) };
}

/** A set that exists in memory only. */
export async function heldSet({
  parts,
  hash,
  sources,
  sounds,
}: Omit<PackedSet, 'about'>): Promise<SetHandle> {
  return openSet(new Blob([...parts]), hash, false, { sources, sounds });
}

/**
 * Reads the description and the targets of a packed set. The inputs are verified by `unpackSet`, which reads all of
 * them.
 * @throws StorageFault `damaged` or `newer`, DOMException when the file cannot be read
 */
export async function openSet(
  file: Blob,
  key: string,
  stored: boolean,
  { sources, sounds }: Beside = {},
): Promise<SetHandle> {
  const { soundOutline, unpackOutline } = await checks();
  const found = await soundOutline(file, await unpackOutline(file));
  if (!found) throw damagedSet();
  const { train, test, ...about } = found;
  return withImages({
    ...about,
    train: handleOf(train),
    test: handleOf(test),
    key,
    file,
    stored,
    sources,
    sounds,
  });
}

/**
 * A whole set, as views of its packed bytes.
 * @param sources names of its rows; those of another set are ignored
 * @throws StorageFault `damaged` or `newer` when they do not match the digest
 */
export async function unpackSet(
  bytes: Uint8Array<ArrayBuffer>,
  hash: string,
  sources?: Blob,
): Promise<Dataset> {
  if ((await digestOf([bytes])) !== hash) throw damagedSet();
  const { soundDataset, unpackViews, withSources } = await checks();
  const dataset = soundDataset(unpackViews(bytes));
  if (!dataset) throw damagedSet();
  return withSources(dataset, sources);
}

/**
 * A whole set whose images stay in its file; anything else of it is in memory.
 * @param read of the file
 * @param sources as in `unpackSet`
 * @throws StorageFault `damaged` or `newer` when the file does not match the digest
 */
export async function streamSet(file: Blob, hash: string, read: ReadBytes, sources?: Blob): Promise<Dataset> {
  if ((await digestOfFile(file)) !== hash) throw damagedSet();
  const { soundOutline, unpackOutline, withSources } = await checks();
  const found = await soundOutline(file, await unpackOutline(file));
  if (!found) throw damagedSet();
  const opened = async ({ inputs, ...split }: SplitOutline): Promise<Split> => ({
    ...split,
    inputs: Object.fromEntries(
      await Promise.all(
        Object.entries(inputs).map(async ([view, { values, shape }]): Promise<[string, Column]> => {
          const { kind, at } = values;
          return kind === 'Uint8Array'
            ? [view, new StoredColumn({ shape, count: split.count, at }, read)]
            : [view, { values: (await values.read(file)) as Column['values'], shape }];
        }),
      ),
    ),
  });
  const dataset = { ...found, train: await opened(found.train), test: await opened(found.test) };
  return withSources(dataset, sources);
}

export function isOwnSet({ key, id }: SetHandle): boolean {
  return key !== id;
}

export function refOf(set: SetHandle): SetRef {
  const { id, key: hash, stored, file, sources, sounds } = set;
  if (!isOwnSet(set)) return { kind: 'bundled', id };
  return stored ? { kind: 'stored', hash } : { kind: 'held', hash, file, sources, sounds };
}

/** @returns null for a bundled set, which recipes name by id */
export function ownRefOf(set: SetHandle): OwnSetRef | null {
  const ref = refOf(set);
  return ref.kind === 'bundled' ? null : ref;
}

function damagedSet(): StorageFault {
  return new StorageFault('damaged', 'The stored data set is damaged.');
}

function handleOf({ inputs, ...split }: SplitOutline): SplitHandle {
  const rows = Object.entries(inputs).map(([view, { values, shape }]) => [
    view,
    { kind: values.kind as StoredRows['kind'], at: values.at, shape },
  ]);
  return { ...split, rows: Object.fromEntries(rows) as SplitHandle['rows'] };
}

/** Adds the fields of `ImageSet` and `LabelledImageSet` (`image-set.ts`) where the instances are images. */
function withImages(set: SetHandle): SetHandle {
  const { inputs, target, train, test } = set;
  const spec = inputs[onlyView];
  if (spec?.kind !== 'image') return set;
  const { height, width, channels } = spec;
  const images = { ...set, height, width, channels };
  if (target.kind !== 'class') return images;
  const labelled = (split: SplitHandle) => ({ ...split, labels: split.targets.values as Int32Array });
  return Object.assign(images, { classes: target.names, train: labelled(train), test: labelled(test) });
}
