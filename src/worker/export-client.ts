/** The page's side of the export worker. */
import type { ExportProtocol } from './export-protocol';
import { RpcClient, type Caller, type WorkerLike } from './rpc';
import { startWorker } from './start-worker';

/** Makes files in a worker, which starts with the first call and again after a crash. */
export function exportClient(create: () => WorkerLike = () => startWorker('export')): Caller<ExportProtocol> {
  return new RpcClient<ExportProtocol>({
    create,
    crashSentence: () => 'Writing the file stopped unexpectedly, perhaps for lack of memory. Try again.',
  });
}
