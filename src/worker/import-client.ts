/** The page's side of the import worker. */
import type { ImportChoices, ImportFile, ImportReport } from '../data/import-report';
import type { SetEdit } from '../data/edit';
import type { SetHandle, SetRef } from '../storage/set-handle';
import type { ImportProtocol } from './import-protocol';
import { RpcClient, WorkerGone, type OnProgress, type WorkerLike } from './rpc';
import { startWorker } from './start-worker';

type Calls = ImportProtocol['calls'];

export interface ImportedSet {
  report: ImportReport;
  /** Null when the files were refused. */
  set: SetHandle | null;
}

export interface RunningImport {
  /** Never rejects: a cancelled or crashed import is a refused report. */
  result: Promise<ImportedSet>;
  /** Ends the import; `result` is refused at once. */
  cancel(): void;
}

export interface RunningTask<T> {
  /** Null when it was cancelled. Rejects with a sentence when it could not be done. */
  result: Promise<T | null>;
  cancel(): void;
}

export interface ImportOptions {
  onProgress?: OnProgress;
  /** In place of guesses. */
  choices?: ImportChoices;
  /** Whether the set is to be stored; else it is in memory only. */
  store: boolean;
}

const crashed =
  'Reading the files stopped unexpectedly, perhaps for lack of memory. Close other tabs, use less data, or reload the page.';

const taskCrashed = {
  change:
    'Changing the images stopped unexpectedly, perhaps for lack of memory. Your changes are kept; close other tabs and try again.',
  pack: 'Packing the images stopped unexpectedly, perhaps for lack of memory. Close other tabs and try again.',
};

/** Files per message: cloning ten thousand at once blocks the page for seconds. */
const filesAtOnce = 50;

/**
 * Imports files and loads bundled sets in a worker, which starts when needed and ends when idle: memory of a large or
 * hostile file returns to the system only with its worker.
 */
export class ImportClient {
  private readonly worker: RpcClient<ImportProtocol>;

  /** `create` is replaced in tests. */
  constructor(create: () => WorkerLike = () => startWorker('import')) {
    this.worker = new RpcClient<ImportProtocol>({ create, crashSentence: () => crashed, endsWhenIdle: true });
  }

  /** Reads files as one data set. The files are not copied. */
  importFiles(files: ImportFile[], { onProgress, choices = {}, store }: ImportOptions): RunningImport {
    const abort = new AbortController();
    const last = files.slice(filesAtOnce * Math.max(0, Math.ceil(files.length / filesAtOnce) - 1));
    const result = this.worker
      .call(
        'read',
        { files: last, choices, store },
        {
          signal: abort.signal,
          parts: partsOf(files.slice(0, files.length - last.length)),
          ...(onProgress ? { onProgress } : {}),
        },
      )
      // A reader refuses files with a report; what it throws is a bug of its own, shown like a crash.
      .catch(() =>
        refused(
          abort.signal.aborted
            ? 'The import was cancelled. The data set from before is still in use.'
            : crashed,
        ),
      );
    return { result, cancel: () => abort.abort() };
  }

  /** Makes the changes of a set by hand; the changed set is another one. @param store as for an import */
  changeSet(set: SetRef, edit: SetEdit, store: boolean, onProgress?: OnProgress): RunningTask<SetHandle> {
    return this.task('change', { set, edit, store }, onProgress);
  }

  /** Packs a set, as it is or changed by hand, as a zip of class folders. */
  exportSet(set: SetRef, edit: SetEdit | null, onProgress?: OnProgress): RunningTask<Blob> {
    return this.task('pack', { set, edit }, onProgress);
  }

  private task<N extends 'change' | 'pack'>(
    name: N,
    input: Calls[N]['takes'],
    onProgress?: OnProgress,
  ): RunningTask<Calls[N]['gives']> {
    const abort = new AbortController();
    const result = this.worker
      .call(name, input, { signal: abort.signal, ...(onProgress ? { onProgress } : {}) })
      .catch((error: unknown) => {
        if (abort.signal.aborted) return null;
        throw error instanceof WorkerGone ? new Error(taskCrashed[name], { cause: error }) : error;
      });
    return { result, cancel: () => abort.abort() };
  }

  /** Loads a bundled set. Rejects with a sentence when it cannot be fetched or there is none of this id. */
  bundled(id: string): Promise<SetHandle> {
    return this.worker.call('bundled', id);
  }

  /** Ends the worker; imports that still run are refused. */
  dispose(): void {
    this.worker.dispose();
  }
}

function partsOf(files: readonly ImportFile[]): { part: ImportFile[] }[] {
  return Array.from({ length: Math.ceil(files.length / filesAtOnce) }, (_, i) => ({
    part: files.slice(i * filesAtOnce, (i + 1) * filesAtOnce),
  }));
}

function refused(message: string): ImportedSet {
  return {
    report: {
      outcome: 'refused',
      format: 'unknown',
      train: 0,
      test: 0,
      shape: null,
      classes: [],
      trainCounts: [],
      testCounts: [],
      warnings: [],
      skipped: [],
      skippedCount: 0,
      message,
      guesses: [],
    },
    set: null,
  };
}
