/** TensorFlow.js's WebAssembly backend with our kernels, in Node: several times as fast as plain JavaScript. */
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { tf } from '../../src/engine/tf';
import { loadWasm } from '../../src/engine/wasm';

const require = createRequire(import.meta.url);

/** For `beforeAll` of a test file: makes wasm the active backend. */
export async function useWasm(): Promise<void> {
  loadWasm();
  pointToBinary();
  if (!(await tf.setBackend('wasm'))) throw new Error('The WebAssembly backend did not start in Node.');
}

/** Lets the backend find its binary among the packages. */
export function pointToBinary(): void {
  const dist = join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist');
  const binary = join(dist, 'tfjs-backend-wasm-simd.wasm');
  setWasmPaths({
    'tfjs-backend-wasm.wasm': binary,
    'tfjs-backend-wasm-simd.wasm': binary,
    'tfjs-backend-wasm-threaded-simd.wasm': binary,
  });
  // The binary's loader reads the file as a CommonJS module would.
  Object.assign(globalThis, { require, __dirname: dist });
}
