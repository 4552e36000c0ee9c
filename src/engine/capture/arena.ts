/** The buffers of one recorded step. They live as long as the graph and are not shared. */
export class Arena {
  /** All buffers with their number, in order of creation. */
  private readonly slots = new Map<GPUBuffer, number>();
  private readonly free = new Map<string, GPUBuffer[]>();
  private readonly pinned = new Set<GPUBuffer>();
  private readonly device: GPUDevice;
  /** Bytes of all buffers. */
  bytes = 0;

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /**
   * A buffer for an intermediate result. Reuse is safe because a replay keeps the recorded order: the previous writer
   * and its readers are done. Only an exact size fits, because reads and copies use a buffer's size.
   */
  acquire(size: number, usage: number): GPUBuffer {
    return this.free.get(`${size} ${usage}`)?.pop() ?? this.make(size, usage, false);
  }

  /** A buffer whose content is written once, while recording: constants and uniforms. */
  acquirePinned(size: number, usage: number, mapped: boolean): GPUBuffer {
    const buffer = this.make(size, usage, mapped);
    this.pinned.add(buffer);
    return buffer;
  }

  /** Makes a buffer available to `acquire`. Returns false when it is not the arena's. */
  release(buffer: GPUBuffer): boolean {
    if (!this.slots.has(buffer)) return false;
    if (this.pinned.has(buffer)) return true;
    const key = `${buffer.size} ${buffer.usage}`;
    const list = this.free.get(key) ?? [];
    if (list.length === 0) this.free.set(key, list);
    list.push(buffer);
    return true;
  }

  /** The number of a buffer; undefined when it is not the arena's. */
  slotOf(buffer: GPUBuffer): number | undefined {
    return this.slots.get(buffer);
  }

  destroy(): void {
    for (const buffer of this.slots.keys()) buffer.destroy();
    this.slots.clear();
    this.free.clear();
    this.bytes = 0;
  }

  private make(size: number, usage: number, mappedAtCreation: boolean): GPUBuffer {
    const buffer = this.device.createBuffer({ size, usage, mappedAtCreation });
    this.slots.set(buffer, this.slots.size);
    this.bytes += size;
    return buffer;
  }
}
