import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import { inflateSync } from 'fflate';
import kernels from 'virtual:wasm-kernels';
import { registerFused } from './fused-definition';
import { tf } from './tf';
import { registerArrayKernels } from './wasm/arrays';
import { registerConvolutions } from './wasm/convolutions';
import { registerFunctionKernels } from './wasm/functions';
import { fusedOnWasm } from './wasm/fused';
import { makeRecordable, useKernels } from './wasm/launch';
import { withSharedMemory } from './wasm/threads/shared-memory';

let loaded = false;

/** Registers the wasm backend with our kernels; can be called again. */
export function loadWasm(): void {
  if (loaded) return;
  loaded = true;
  // One binary for all: every browser that runs this page has SIMD. Threads of TensorFlow.js's own would be workers from
  // strings, which the page's policy forbids; ours (`wasm/threads`) need no other binary.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  tf.env().set('WASM_HAS_SIMD_SUPPORT', true);
  setBinary(simd, false);
  useKernels(inflateSync(Uint8Array.from(atob(kernels), (letter) => letter.charCodeAt(0))));
  registerArrayKernels();
  registerFunctionKernels();
  registerConvolutions();
  registerFused('wasm', fusedOnWasm);
  makeRecordable();
}

/**
 * Lets the backend, when it starts, work in memory that threads can share. Call after `loadWasm`.
 * @param binary the backend's, where it is not to be fetched
 * @throws Error when there can be no such memory here
 */
export async function shareMemory(binary?: Uint8Array<ArrayBuffer>): Promise<void> {
  // As large as the backend's. Tried here, because the backend would wait for ever where it cannot be had.
  void new WebAssembly.Memory({ initial: 256, maximum: 65536, shared: true });
  setBinary(binary ? addressOf(binary) : await fetchedAddress(), true);
}

/** Address of the backend's binary for shared memory, once it has been fetched. */
let fetched: string | null = null;

async function fetchedAddress(): Promise<string> {
  return (fetched ??= addressOf(new Uint8Array(await (await fetch(simd)).arrayBuffer())));
}

function addressOf(binary: Uint8Array<ArrayBuffer>): string {
  return URL.createObjectURL(new Blob([withSharedMemory(binary)], { type: 'application/wasm' }));
}

function setBinary(address: string, isFetchedByPlatform: boolean): void {
  setWasmPaths(
    {
      'tfjs-backend-wasm.wasm': address,
      'tfjs-backend-wasm-simd.wasm': address,
      'tfjs-backend-wasm-threaded-simd.wasm': address,
    },
    isFetchedByPlatform,
  );
}
