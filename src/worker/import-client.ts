/** The page's side of the import worker. */
import type { Dataset, ImportChoices, ImportFile, ImportResult } from '../data/dataset';
import { noteDatasetName } from '../storage/datasets';
import type { ImportProtocol } from './import-protocol';
import { RpcClient, type OnProgress, type WorkerLike } from './rpc';
import { startWorker } from './start-worker';

export interface RunningImport {
  /** Never rejects: a cancelled or crashed import is a refused report. */
  result: Promise<ImportResult>;
  /** Ends the import; `result` is refused at once. */
  cancel(): void;
}

export interface RunningExport {
  /** The zip; null when it was cancelled. Rejects with a sentence when it could not be made. */
  result: Promise<Blob | null>;
  cancel(): void;
}

const crashed =
  'Reading the files stopped unexpectedly, perhaps for lack of memory. Close other tabs, use fewer images, or reload the page.';

const exportCrashed =
  'Packing the images stopped unexpectedly, perhaps for lack of memory. Close other tabs and try again.';

/** Files sent at a time: to hand over ten thousand at once, a browser takes seconds in which the page would not answer. */
const filesAtOnce = 50;

/**
 * Imports uploads and loads bundled sets in a worker, which is started when needed and ended when nothing is under way:
 * memory that a large or hostile file took goes back to the system only with its worker.
 */
export class ImportClient {
  private readonly worker: RpcClient<ImportProtocol>;

  /** `create` is there for tests. */
  constructor(create: () => WorkerLike = () => startWorker('import')) {
    this.worker = new RpcClient<ImportProtocol>({ create, crashSentence: () => crashed, endsWhenIdle: true });
  }

  /** Reads files as one data set; `choices` take the place of guesses. The files are not copied. */
  importFiles(files: ImportFile[], onProgress?: OnProgress, choices: ImportChoices = {}): RunningImport {
    const abort = new AbortController();
    const last = files.slice(filesAtOnce * Math.max(0, Math.ceil(files.length / filesAtOnce) - 1));
    const result = this.worker
      .call(
        'read',
        { files: last, choices },
        {
          signal: abort.signal,
          parts: partsOf(files.slice(0, files.length - last.length)),
          ...(onProgress ? { onProgress } : {}),
        },
      )
      .then(
        ({ report, dataset, name }): ImportResult => {
          if (dataset && name) noteDatasetName(dataset, name);
          return dataset ? { report, dataset } : { report, dataset: null };
        },
        // A reader refuses with a report; what it throws is a fault of its own, as little to be shown as a crash.
        () =>
          refused(
            abort.signal.aborted
              ? 'The import was cancelled. The data set from before is still in use.'
              : crashed,
          ),
      );
    return { result, cancel: () => abort.abort() };
  }

  /** Packs a set as a zip of class folders. */
  exportSet(dataset: Dataset, onProgress?: OnProgress): RunningExport {
    const abort = new AbortController();
    const result = this.worker
      .call('pack', dataset, { signal: abort.signal, ...(onProgress ? { onProgress } : {}) })
      .catch(() => {
        if (abort.signal.aborted) return null;
        throw new Error(exportCrashed);
      });
    return { result, cancel: () => abort.abort() };
  }

  /** Loads a bundled set. Rejects with a sentence when it cannot be fetched or there is none of this id. */
  bundled(id: string): Promise<Dataset> {
    return this.worker.call('bundled', id);
  }

  /** Ends the worker; imports that still run are refused. */
  dispose(): void {
    this.worker.dispose();
  }
}

function* partsOf(files: readonly ImportFile[]): Generator<{ part: ImportFile[] }> {
  for (let at = 0; at < files.length; at += filesAtOnce) yield { part: files.slice(at, at + filesAtOnce) };
}

function refused(message: string): ImportResult {
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
    dataset: null,
  };
}
