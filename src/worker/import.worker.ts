/** The import worker: reads uploads and bundled sets. Thin; the work is in src/data. */
import { loadBundled } from '../data/bundled';
import type { Dataset } from '../data/dataset';
import { decodeImage } from '../data/decode';
import { importFiles } from '../data/import';
import type { ImportCommand, ImportMessage } from './protocol';

const running = new Map<number, AbortController>();

addEventListener('message', ({ data }: MessageEvent<ImportCommand>) => {
  if (data.type === 'import') void runImport(data.request, data.files);
  else if (data.type === 'cancel') running.get(data.request)?.abort();
  else void runBundled(data.request, data.id);
});

async function runImport(request: number, files: { path: string; bytes: Blob }[]): Promise<void> {
  const abort = new AbortController();
  running.set(request, abort);
  const { signal } = abort;
  try {
    const onProgress = throttled((text, share) => send({ type: 'progress', request, text, share }));
    const { report, dataset } = await importFiles(files, { decodeImage, onProgress, signal });
    send({ type: 'imported', request, report, dataset }, buffersOf(dataset));
  } catch (error) {
    // A cancelled import has no answer: who cancelled it has stopped listening. Anything else is a crash, and the
    // client turns it into a report.
    if (!signal.aborted) reportError(error);
  } finally {
    running.delete(request);
  }
}

async function runBundled(request: number, id: string): Promise<void> {
  try {
    const dataset = await loadBundled(id, fetchBytes);
    send({ type: 'bundled', request, dataset }, buffersOf(dataset));
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    send({ type: 'bundled', request, dataset: { problem } });
  }
}

/** The client names the worker after the address of the page's folder: a worker's own address is another one. */
async function fetchBytes(path: string): Promise<ArrayBuffer> {
  const response = await fetch(new URL(path, self.name));
  if (!response.ok)
    throw new Error(
      `The data set could not be fetched (${response.status}). Check the connection and try again.`,
    );
  return response.arrayBuffer();
}

/** At most twenty messages a second, a change of text always. */
function throttled(
  report: (text: string, share: number | null) => void,
): (text: string, share: number | null) => void {
  let last = -Infinity;
  let lastText = '';
  return (text, share) => {
    const now = performance.now();
    if (text === lastText && now - last < 50) return;
    last = now;
    lastText = text;
    report(text, share);
  };
}

/** Moved to the page rather than copied. */
function buffersOf(dataset: Dataset | null): Transferable[] {
  if (!dataset) return [];
  return [dataset.train, dataset.test].flatMap(({ images, labels }) => [
    images.buffer as ArrayBuffer,
    labels.buffer as ArrayBuffer,
  ]);
}

function send(message: ImportMessage, transfer: Transferable[] = []): void {
  postMessage(message, { transfer });
}
