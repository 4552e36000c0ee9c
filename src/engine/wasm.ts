import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import kernels from 'virtual:wasm-kernels';
import { registerFused } from './fused-definition';
import { tf } from './tf';
import { registerWasmKernels } from './wasm/convolutions';
import { fusedOnWasm } from './wasm/fused';
import { makeRecordable, useKernels } from './wasm/launch';

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
  useKernels(new WebAssembly.Module(Uint8Array.from(atob(kernels), (letter) => letter.charCodeAt(0))));
  registerWasmKernels();
  registerFused('wasm', fusedOnWasm);
  makeRecordable();
}
