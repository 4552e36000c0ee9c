/** The page's side of the export worker. */
import type { ExportedFile } from '../export/files';
import type { ExportCommand, ExportMessage, ExportRequest } from './export-protocol';
import { startWorker } from './start-worker';

interface Waiting {
  resolve: (file: ExportedFile) => void;
  reject: (problem: Error) => void;
  onProgress: (text: string, share: number) => void;
}

/** Makes files in a worker, which is started when first needed and anew after a crash. */
export class ExportClient {
  private worker: Worker | null = null;
  private requests = 0;
  private readonly waiting = new Map<number, Waiting>();

  /** Rejects with a sentence for the person when there can be no such file. */
  make(
    command: ExportRequest,
    onProgress: (text: string, share: number) => void = () => undefined,
  ): Promise<ExportedFile> {
    const request = ++this.requests;
    return new Promise((resolve, reject) => {
      this.waiting.set(request, { resolve, reject, onProgress });
      this.worker ??= this.started();
      this.worker.postMessage({ ...command, request } satisfies ExportCommand);
    });
  }

  dispose(): void {
    this.end('The page is closing.');
  }

  private started(): Worker {
    const worker = startWorker('export');
    worker.addEventListener('message', ({ data }: MessageEvent<ExportMessage>) => this.take(data));
    const crash = () => {
      if (this.worker === worker)
        this.end('Writing the file stopped unexpectedly, perhaps for lack of memory. Try again.');
    };
    worker.addEventListener('error', crash);
    worker.addEventListener('messageerror', crash);
    return worker;
  }

  private take(message: ExportMessage): void {
    const waiting = this.waiting.get(message.request);
    if (message.type === 'progress') {
      waiting?.onProgress(message.text, message.share);
      return;
    }
    this.waiting.delete(message.request);
    if (message.type === 'file') waiting?.resolve(message.file);
    else waiting?.reject(new Error(message.problem));
  }

  private end(why: string): void {
    this.worker?.terminate();
    this.worker = null;
    for (const { reject } of this.waiting.values()) reject(new Error(why));
    this.waiting.clear();
  }
}
