/** One helper thread of the WebAssembly engine in Node, whatever file it runs. */
import { Worker } from 'node:worker_threads';
import type { Helper, StartHelper } from '../../src/engine/wasm/threads/team';

/** @param file a module that says "ready", then does what `help` does with its `workerData` */
export function startHelper(file: URL, ...[order, onEnd]: Parameters<StartHelper>): Promise<Helper> {
  const worker = new Worker(file, { workerData: order });
  worker.unref();
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve({ end: () => void worker.terminate() }));
    worker.once('error', reject);
    worker.once('exit', () => onEnd('A helper thread ended.'));
  });
}
