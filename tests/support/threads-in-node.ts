/** Helper threads of the WebAssembly engine in Node. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformWithOxc } from 'vite';
import type { StartHelper } from '../../src/engine/wasm/threads/team';
import { startHelper } from './helper-in-node';

const source = fileURLToPath(new URL('../../src/engine/wasm/threads/helper.ts', import.meta.url));
let code: Promise<string> | null = null;

/** The helper's file as a worker's whole code, with a line that gives it its order. */
function helperCode(): Promise<string> {
  return (code ??= transformWithOxc(readFileSync(source, 'utf8'), source).then((result) => result.code));
}

const begin = `
import { parentPort, workerData } from 'node:worker_threads';
parentPort.postMessage('ready');
help(workerData);`;

/** Starts one as a thread of Node. @param last replaced in tests: what it does with its order */
export function startsHelpers(last = begin): StartHelper {
  return async (order, onEnd) => {
    const script = `${await helperCode()}\n${last}`;
    return startHelper(new URL(`data:text/javascript,${encodeURIComponent(script)}`), order, onEnd);
  };
}
