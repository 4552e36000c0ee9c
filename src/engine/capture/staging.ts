/** Maximum number of steps whose outputs are being read back at once. */
export const ringSize = 4;

/** Buffers through which outputs are read back, used in turn. */
export class StagingRing {
  private readonly free: GPUBuffer[] = [];
  private isDestroyed = false;

  /** @param bytes of all outputs of a step together */
  constructor(device: GPUDevice, bytes: number) {
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    // A step without outputs still needs a buffer to wait for.
    for (let i = 0; i < ringSize; i++)
      this.free.push(device.createBuffer({ size: Math.max(bytes, 4), usage }));
  }

  /** A free buffer; null when all are in use. */
  take(): GPUBuffer | null {
    return this.free.pop() ?? null;
  }

  /** A copy of the content, after all earlier submits are done. */
  async read(buffer: GPUBuffer): Promise<ArrayBuffer> {
    try {
      await buffer.mapAsync(GPUMapMode.READ);
      const content = buffer.getMappedRange().slice(0);
      buffer.unmap();
      return content;
    } finally {
      if (this.isDestroyed) buffer.destroy();
      else this.free.push(buffer);
    }
  }

  /** Reads that are under way complete first. */
  destroy(): void {
    this.isDestroyed = true;
    this.free.forEach((buffer) => buffer.destroy());
  }
}
