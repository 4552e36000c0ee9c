import { wasmBackend } from './launch';

const guarded = new WeakSet<object>();

/**
 * Makes the active wasm backend throw where its memory is used up: TensorFlow.js would go on with the address 0, and compute
 * garbage. Can be called again.
 */
export function throwWhenFull(): void {
  const { wasm } = wasmBackend();
  if (guarded.has(wasm)) return;
  guarded.add(wasm);
  const allocate = wasm._malloc.bind(wasm);
  wasm._malloc = (bytes) => {
    const pointer = allocate(bytes);
    if (pointer === 0 && bytes > 0)
      throw new Error(`WebAssembly has no room for ${Math.ceil(bytes / 1e6)} MB more of memory`);
    return pointer;
  };
}
