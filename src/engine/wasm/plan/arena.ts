/** Memory of a plan: blocks of the backend's heap, reused as soon as the tensor in them is disposed while recording. */
import type { WasmBackend } from '../launch';

export class Arena {
  bytes = 0;
  private readonly backend: WasmBackend;
  /** Number of each block, in the order in which they were taken: equal in equal recordings. */
  private readonly blocks = new Map<number, number>();
  private readonly free = new Map<number, number[]>();
  private readonly sizes = new Map<number, number>();

  constructor(backend: WasmBackend) {
    this.backend = backend;
  }

  /** @param pinned not to be reused: a constant, which is filled once */
  take(bytes: number, pinned = false): number {
    // Some more than asked for, so that more tensors find a block.
    const size = Math.max(64, (bytes + 63) & ~63);
    const waiting = pinned ? undefined : this.free.get(size)?.pop();
    if (waiting !== undefined) return waiting;
    const pointer = this.backend.wasm._malloc(size) >>> 0;
    if (pointer === 0) throw new Error('The memory of WebAssembly is used up.');
    this.blocks.set(pointer, this.blocks.size);
    if (!pinned) this.sizes.set(pointer, size);
    this.bytes += size;
    return pointer;
  }

  /** Frees a block for later tensors of the recording; pinned blocks stay as they are. */
  release(pointer: number): void {
    const size = this.sizes.get(pointer);
    if (size === undefined) return;
    const waiting = this.free.get(size);
    if (waiting) waiting.push(pointer);
    else this.free.set(size, [pointer]);
  }

  numberOf(pointer: number): number | undefined {
    return this.blocks.get(pointer);
  }

  /** Hands a block over to the backend, which frees it with its tensor. */
  giveAway(pointer: number): void {
    this.blocks.delete(pointer);
    this.sizes.delete(pointer);
  }

  destroy(): void {
    for (const pointer of this.blocks.keys()) this.backend.wasm._free(pointer);
    this.blocks.clear();
    this.free.clear();
  }
}
