import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import { tf } from './tf';
import { registerWasmKernels } from './wasm-kernels';

let loaded = false;

/** Registers the wasm backend with our kernels; can be called again. */
export function loadWasm(): void {
  if (loaded) return;
  loaded = true;
  // One binary for all: every browser that runs this page has SIMD. Threads would need cross-origin isolation, which
  // a static host cannot guarantee, and workers from strings, which the page's policy forbids.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  tf.env().set('WASM_HAS_SIMD_SUPPORT', true);
  setWasmPaths({
    'tfjs-backend-wasm.wasm': simd,
    'tfjs-backend-wasm-simd.wasm': simd,
    'tfjs-backend-wasm-threaded-simd.wasm': simd,
  });
  registerWasmKernels();
}
