/** Starts the page's workers. */
import { moduleWorker } from './module-worker';

type WorkerName = 'training' | 'import' | 'export' | 'onnx';

/** Addresses of the built workers' files. A glob, because an import would count as one of the workers' code. */
const addresses = import.meta.glob<string>(['./*.worker.ts', '!./helper.worker.ts'], {
  query: '?worker&url',
  import: 'default',
  eager: true,
});

/**
 * Inside the worker `self.name` is the address of the page's folder and the worker's name, because `self.location` is
 * that of a blob: "https://host/folder/#training".
 */
export function startWorker(name: WorkerName): Worker {
  const folder = new URL(import.meta.env.BASE_URL, document.baseURI);
  const file = new URL(addresses[`./${name}.worker.ts`]!, document.baseURI);
  return moduleWorker(file, new URL(`#${name}`, folder).href);
}
