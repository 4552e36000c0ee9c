/** A helper thread of the engine in Node. */
import { parentPort, workerData } from 'node:worker_threads';
import { help, type HelperOrder } from '../../../src/engine/wasm/threads/helper';

parentPort!.postMessage('ready');
help(workerData as HelperOrder);
