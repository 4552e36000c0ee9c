/** What happens when the memory of WebAssembly is used up: an error in time, and a new memory for the next run. */
import { tf } from '../tf';
import { wasmBackend, type WasmBackend } from './launch';

const guarded = new WeakSet<WasmBackend['wasm']>();
/** Whose allocator can no longer be trusted. */
const spoilt = new WeakSet<WasmBackend['wasm']>();

/**
 * Makes the active wasm backend throw where its memory is used up: TensorFlow.js would go on with the address 0, and compute
 * garbage. Can be called again.
 */
export function throwWhenFull(): void {
  const { wasm } = wasmBackend();
  if (guarded.has(wasm)) return;
  guarded.add(wasm);
  // With the first call of each the binary's loader puts the function itself in its place.
  wasm._free(wasm._malloc(4));
  const [allocate, free] = [wasm._malloc.bind(wasm), wasm._free.bind(wasm)];
  wasm._malloc = (bytes) => {
    const pointer = spoilt.has(wasm) ? 0 : allocate(bytes) >>> 0;
    // Where a request goes beyond 4 GB, the end of the heap overflows: the address lies outside, and later ones inside others.
    if (pointer + bytes > wasm.asm.memory.buffer.byteLength) spoilt.add(wasm);
    if ((pointer === 0 && bytes > 0) || spoilt.has(wasm))
      throw new Error(`WebAssembly has no room for ${Math.ceil(bytes / 1e6)} MB more of memory`);
    return pointer;
  };
  wasm._free = (pointer) => {
    if (!spoilt.has(wasm)) free(pointer);
  };
}

/** Whether the active backend is wasm and needs a new memory. */
export function memoryIsSpoilt(): boolean {
  return tf.getBackend() === 'wasm' && spoilt.has(wasmBackend().wasm);
}

/** Lets the wasm backend start anew where its memory is spoilt; the tensors in it are lost. */
export function renewSpoiltMemory(): void {
  const backend = tf.engine().registry['wasm'] as WasmBackend | undefined;
  if (!backend || !spoilt.has(backend.wasm)) return;
  const factory = tf.findBackendFactory('wasm');
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', factory);
}
