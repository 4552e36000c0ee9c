/** TensorFlow.js's WebAssembly backend with our kernels, in Node: several times as fast as plain JavaScript. */
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { tf } from '../../src/engine/tf';
import { loadWasm, shareMemory } from '../../src/engine/wasm';

const require = createRequire(import.meta.url);

/** For `beforeAll` of a test file: makes wasm the active backend. */
export async function useWasm(): Promise<void> {
  loadWasm();
  pointToBinary();
  await start();
}

/** As `useWasm`, in memory that threads can share. Tensors made before belong to a backend that is gone. */
export async function useSharedWasm(): Promise<void> {
  loadWasm();
  await renew(() => shareMemory(new Uint8Array(readFileSync(pointToBinary()))));
}

/** For `afterAll` after `useSharedWasm`: the usual memory for the files that follow. */
export async function useOwnWasm(): Promise<void> {
  await renew(() => pointToBinary());
}

/** Starts the backend anew: files of tests may share a process. */
async function renew(prepare: () => unknown): Promise<void> {
  const factory = tf.findBackendFactory('wasm');
  if (tf.engine().registry['wasm']) {
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', factory);
  }
  await prepare();
  await start();
}

async function start(): Promise<void> {
  if (!(await tf.setBackend('wasm'))) throw new Error('The WebAssembly backend did not start in Node.');
}

/** Lets the backend find its binary among the packages. @returns its path */
export function pointToBinary(): string {
  const dist = join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist');
  const binary = join(dist, 'tfjs-backend-wasm-simd.wasm');
  setWasmPaths({
    'tfjs-backend-wasm.wasm': binary,
    'tfjs-backend-wasm-simd.wasm': binary,
    'tfjs-backend-wasm-threaded-simd.wasm': binary,
  });
  // The binary's loader reads the file as a CommonJS module would.
  Object.assign(globalThis, { require, __dirname: dist });
  return binary;
}
