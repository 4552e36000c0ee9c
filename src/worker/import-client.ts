/** The page's side of the import worker. */
import type { Dataset, ImportChoices, ImportFile, ImportReport, ImportResult } from '../data/dataset';
import { noteDatasetName } from '../storage/datasets';
import { Breather } from './breather';
import type { ImportCommand, ImportMessage } from './protocol';
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

type Progress = (text: string, share: number | null) => void;

interface Waiting {
  onMessage(message: ImportMessage): void;
  onCrash(): void;
}

const crashed =
  'Reading the files stopped unexpectedly, perhaps for lack of memory. Close other tabs, use fewer images, or reload the page.';

const exportCrashed =
  'Packing the images stopped unexpectedly, perhaps for lack of memory. Close other tabs and try again.';

/** Files sent at a time: to hand over ten thousand at once, a browser takes seconds in which the page would not answer. */
const filesAtOnce = 50;

/** A worker that has not ended a cancelled import by then hangs in a damaged file. */
const patience = 2000;

/**
 * Imports uploads and loads bundled sets in a worker, which is started when needed and ended when nothing is under way:
 * memory that a large or hostile file took goes back to the system only with its worker.
 */
export class ImportClient {
  private worker: Worker | null = null;
  private requests = 0;
  private readonly waiting = new Map<number, Waiting>();

  /** `createWorker` is there for tests. */
  constructor(private readonly createWorker = () => startWorker('import')) {}

  /** Reads files as one data set; `choices` take the place of guesses. The files are not copied. */
  importFiles(
    files: ImportFile[],
    onProgress: Progress = () => undefined,
    choices: ImportChoices = {},
  ): RunningImport {
    const request = ++this.requests;
    const { promise: result, resolve: end } = promiseParts<ImportResult>();
    this.waiting.set(request, {
      onMessage: (message) => {
        if (message.type === 'progress') onProgress(message.text, message.share);
        if (message.type !== 'imported') return;
        this.waiting.delete(request);
        if (message.dataset && message.name) noteDatasetName(message.dataset, message.name);
        end(resultOf(message.report, message.dataset));
      },
      onCrash: () => {
        this.waiting.delete(request);
        end(refused(crashed));
      },
    });
    let wanted = true;
    void this.sendFiles(request, files, choices, () => wanted);
    const cancel = () => {
      if (!this.waiting.has(request)) return;
      wanted = false;
      this.endInWorker(request);
      end(refused('The import was cancelled. The data set from before is still in use.'));
    };
    return { result, cancel };
  }

  /** Packs a set as a zip of class folders. */
  exportSet(dataset: Dataset, onProgress: Progress = () => undefined): RunningExport {
    const request = ++this.requests;
    const { promise, resolve, reject } = promiseParts<Blob | null>();
    this.waiting.set(request, {
      onMessage: (message) => {
        if (message.type === 'progress') onProgress(message.text, message.share);
        if (message.type !== 'exported') return;
        this.waiting.delete(request);
        resolve(message.zip);
      },
      onCrash: () => {
        this.waiting.delete(request);
        reject(new Error(exportCrashed));
      },
    });
    this.send({ type: 'export', request, dataset });
    const cancel = () => {
      if (!this.waiting.has(request)) return;
      this.endInWorker(request);
      resolve(null);
    };
    return { result: promise, cancel };
  }

  /** Sends the files of an import piece by piece, as long as it is wanted and its worker lives. */
  private async sendFiles(
    request: number,
    files: ImportFile[],
    choices: ImportChoices,
    isWanted: () => boolean,
  ): Promise<void> {
    let at = 0;
    const breather = files.length > filesAtOnce ? new Breather() : null;
    for (; files.length - at > filesAtOnce; at += filesAtOnce) {
      this.send({ type: 'files', request, files: files.slice(at, at + filesAtOnce) });
      await breather?.ifDue();
      if (!isWanted() || !this.waiting.has(request)) return;
    }
    this.send({ type: 'import', request, files: files.slice(at), choices });
  }

  /** Asks the worker to end a request; one that does not answer is ended itself. */
  private endInWorker(request: number): void {
    const timer = setTimeout(() => this.end(), patience);
    const over = () => {
      clearTimeout(timer);
      this.waiting.delete(request);
    };
    this.waiting.set(request, {
      onMessage: ({ type }) => {
        if (type !== 'progress') over();
      },
      onCrash: over,
    });
    this.send({ type: 'cancel', request });
  }

  /** Loads a bundled set. Rejects with a sentence when it cannot be fetched or there is none of this id. */
  bundled(id: string): Promise<Dataset> {
    const request = ++this.requests;
    return new Promise((resolve, reject) => {
      this.waiting.set(request, {
        onMessage: (message) => {
          if (message.type !== 'bundled') return;
          this.waiting.delete(request);
          if ('problem' in message.dataset) reject(new Error(message.dataset.problem));
          else resolve(message.dataset);
        },
        onCrash: () => {
          this.waiting.delete(request);
          reject(new Error(crashed));
        },
      });
      this.send({ type: 'bundled', request, id });
    });
  }

  /** Ends the worker; imports that still run are refused. */
  dispose(): void {
    this.end();
  }

  private send(command: ImportCommand): void {
    this.worker ??= this.started();
    this.worker.postMessage(command);
  }

  private started(): Worker {
    const worker = this.createWorker();
    worker.addEventListener('message', ({ data }: MessageEvent<ImportMessage>) => {
      this.waiting.get(data.request)?.onMessage(data);
      if (this.waiting.size === 0 && this.worker === worker) this.end();
    });
    // An error that nobody caught, or an answer too large to be received: the worker's state is unknown.
    const crash = () => {
      if (this.worker === worker) this.end();
    };
    worker.addEventListener('error', crash);
    worker.addEventListener('messageerror', crash);
    return worker;
  }

  private end(): void {
    this.worker?.terminate();
    this.worker = null;
    for (const waiting of [...this.waiting.values()]) waiting.onCrash();
  }
}

function promiseParts<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

function resultOf(report: ImportReport, dataset: Dataset | null): ImportResult {
  return dataset ? { report, dataset } : { report, dataset: null };
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
