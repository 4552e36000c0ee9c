/** The import worker: reads uploads and bundled sets. Thin; the work is in src/data. */
import { loadBundled } from '../data/bundled';
import type { Dataset, ImportChoices, ImportFile } from '../data/dataset';
import { decodeImage } from '../data/decode';
import { zipOfFolders } from '../data/export-folders';
import { importFiles } from '../data/import';
import { datasetName } from '../storage/datasets';
import { fetchAsset } from './assets';
import type { ImportCommand, ImportMessage } from './protocol';

const running = new Map<number, AbortController>();

/** Files of imports that are still being sent. */
const arriving = new Map<number, ImportFile[]>();

addEventListener('message', ({ data }: MessageEvent<ImportCommand>) => {
  switch (data.type) {
    case 'files':
      arrived(data.request).push(...data.files);
      break;
    case 'import':
      void runImport(data.request, [...arrived(data.request), ...data.files], data.choices);
      arriving.delete(data.request);
      break;
    case 'export':
      void runExport(data.request, data.dataset);
      break;
    case 'cancel':
      if (arriving.delete(data.request)) send({ type: 'cancelled', request: data.request });
      else running.get(data.request)?.abort();
      break;
    case 'bundled':
      void runBundled(data.request, data.id);
  }
});

function arrived(request: number): ImportFile[] {
  const known = arriving.get(request);
  if (known) return known;
  const files: ImportFile[] = [];
  arriving.set(request, files);
  return files;
}

type Report = (text: string, share: number | null) => void;

/** Runs what can be cancelled and tells how far it is. */
async function cancellable(
  request: number,
  work: (onProgress: Report, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const abort = new AbortController();
  running.set(request, abort);
  try {
    await work(
      throttled((text, share) => send({ type: 'progress', request, text, share })),
      abort.signal,
    );
  } catch (error) {
    // Anything but a cancellation is a crash, which the client turns into an answer.
    if (abort.signal.aborted) send({ type: 'cancelled', request });
    else reportError(error);
  } finally {
    running.delete(request);
  }
}

function runImport(request: number, files: ImportFile[], choices: ImportChoices): Promise<void> {
  return cancellable(request, async (onProgress, signal) => {
    const { report, dataset } = await importFiles(files, { decodeImage, onProgress, signal, choices });
    const named = dataset && { name: await datasetName(dataset) };
    send({ type: 'imported', request, report, dataset, ...named }, buffersOf(dataset));
  });
}

function runExport(request: number, dataset: Dataset): Promise<void> {
  return cancellable(request, async (onProgress, signal) => {
    send({ type: 'exported', request, zip: await zipOfFolders(dataset, { onProgress, signal }) });
  });
}

async function runBundled(request: number, id: string): Promise<void> {
  try {
    const dataset = await loadBundled(id, fetchAsset);
    send({ type: 'bundled', request, dataset }, buffersOf(dataset));
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    send({ type: 'bundled', request, dataset: { problem } });
  }
}

/** At most twenty messages a second, a change of text always. */
function throttled(report: Report): Report {
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

/** Moved to the page rather than copied; both splits of an upload are views of one array. */
function buffersOf(dataset: Dataset | null): Transferable[] {
  if (!dataset) return [];
  const { train, test } = dataset;
  const views = [train.images, train.labels, test.images, test.labels];
  return [...new Set(views.map(({ buffer }) => buffer as ArrayBuffer))];
}

function send(message: ImportMessage, transfer: Transferable[] = []): void {
  postMessage(message, { transfer });
}
