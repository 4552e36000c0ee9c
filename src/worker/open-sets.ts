/** Data sets of a worker, opened by digest or id. The last user's set, the last one beside it and the last bundled set stay open. */
import { loadBundled } from '../data/bundled-sets';
import type { Dataset } from '../data/dataset';
import { datasetFile, hasDataset, readFile, storedSources } from '../storage/datasets';
import { readerOf } from '../storage/read-at-once';
import type { ReadBytes } from '../data/stored-column';
import { streamSet, unpackSet, type OwnSetRef, type PackedSet, type SetRef } from '../storage/set-handle';
import type { Storage } from '../storage/storage';
import { fetchAsset } from './fetch-asset';

/** A user's data set, and the bytes that its arrays are views of or the file that its images are read from. */
interface Opened {
  ref: OwnSetRef;
  dataset: Dataset;
  bytes: Uint8Array<ArrayBuffer> | Blob;
  /** Names of its rows, where it came with such. */
  sources: Blob | undefined;
}

/** How sets that are too large for the memory are read. */
export interface Streaming {
  /** Bytes of the largest set that is read as a whole. */
  above: number;
  /** Replaced in tests. */
  readerOf: (file: Blob) => ReadBytes;
}

/** For what needs all of a set at once. */
const wholly: Streaming = { above: Infinity, readerOf };

/** @param above see `mostInMemory` */
export const streamedAbove = (above: number): Streaming => ({ above, readerOf });

export class OpenSets {
  private own: { hash: string; opened: Promise<Opened> } | null = null;
  private other: { hash: string; dataset: Promise<Dataset> } | null = null;
  private bundled: { id: string; dataset: Promise<Dataset> } | null = null;
  /** Sets that may still be in use. */
  private readonly known = new WeakMap<Dataset, Opened>();

  /** @param storage of the user's sets. @param fetchBytes replaced in tests */
  constructor(
    private readonly storage: () => Promise<Storage>,
    private readonly fetchBytes: (path: string) => Promise<ArrayBuffer> = fetchAsset,
    private readonly streaming: Streaming = wholly,
  ) {}

  /** @throws StorageFault (by rejection) when it is gone or damaged, Error when a bundled one cannot be fetched */
  async open(ref: SetRef): Promise<Dataset> {
    if (ref.kind === 'bundled') return this.openBundled(ref.id);
    if (this.own?.hash !== ref.hash) {
      const opened = this.read(ref);
      const own = { hash: ref.hash, opened };
      this.own = own;
      // A failed opening is not kept, so that the next call tries again.
      opened.catch(() => {
        if (this.own === own) this.own = null;
      });
    }
    return (await this.own!.opened).dataset;
  }

  /** The digest of a user's set, the id of a bundled one. */
  nameOf(dataset: Dataset): string {
    return this.known.get(dataset)?.ref.hash ?? dataset.id;
  }

  /** A stored set of the user's own that a run needs beside its own. @throws StorageFault (by rejection) */
  openOther(hash: string): Promise<Dataset> {
    if (this.other?.hash !== hash) {
      const opened = this.own?.hash === hash ? this.own.opened : this.read({ kind: 'stored', hash });
      const other = { hash, dataset: opened.then(({ dataset }) => dataset) };
      this.other = other;
      other.dataset.catch(() => {
        if (this.other === other) this.other = null;
      });
    }
    return this.other!.dataset;
  }

  /** A reference for other workers, with the bytes where the set is no longer stored. */
  async refOf(dataset: Dataset): Promise<SetRef> {
    const opened = this.known.get(dataset);
    if (!opened) return { kind: 'bundled', id: dataset.id };
    const { ref, bytes, sources } = opened;
    if (ref.kind === 'held') return ref;
    const isThere = await this.storage()
      .then((storage) => hasDataset(storage, ref.hash))
      .catch(() => false);
    if (isThere) return ref;
    return { kind: 'held', hash: ref.hash, file: new Blob([bytes]), sources };
  }

  /** The set as it is written to the storage; null for a bundled one. */
  packed(dataset: Dataset): PackedSet | null {
    const opened = this.known.get(dataset);
    if (!opened) return null;
    const { ref, bytes, sources } = opened;
    return { about: dataset, hash: ref.hash, parts: [bytes], sources };
  }

  /** The packed set, in memory; null when it is not open. */
  async lend(hash: string): Promise<Blob | null> {
    if (this.own?.hash !== hash) return null;
    const opened = await this.own.opened.catch(() => null);
    return opened && new Blob([opened.bytes]);
  }

  private async read(ref: OwnSetRef): Promise<Opened> {
    const [file, sources] = ref.kind === 'held' ? [ref.file, ref.sources] : await this.stored(ref.hash);
    const bytes = file.size > this.streaming.above ? file : await readFile(file);
    const dataset =
      bytes instanceof Blob
        ? await streamSet(bytes, ref.hash, this.streaming.readerOf(bytes), sources)
        : await unpackSet(bytes, ref.hash, sources);
    const opened = { ref, dataset, bytes, sources };
    this.known.set(opened.dataset, opened);
    return opened;
  }

  private async stored(hash: string): Promise<[Blob, Blob | undefined]> {
    const storage = await this.storage();
    const names = await storedSources(storage, hash);
    // Copied, as most sets are, so that they outlive a storage that is cleared.
    const copy = await names?.arrayBuffer().catch(() => undefined);
    return [await datasetFile(storage, hash), copy && new Blob([copy])];
  }

  private openBundled(id: string): Promise<Dataset> {
    if (this.bundled?.id !== id) {
      const bundled = { id, dataset: loadBundled(id, this.fetchBytes) };
      this.bundled = bundled;
      bundled.dataset.catch(() => {
        if (this.bundled === bundled) this.bundled = null;
      });
    }
    return this.bundled.dataset;
  }
}
