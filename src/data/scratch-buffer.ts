/** Memory that is used again and again, where new memory for each of fifty thousand pictures would outweigh the set. */
export class ScratchBuffer {
  private bytes = new Uint8Array(0);

  /** Memory of this length with whatever was in it; what was asked for before is gone. */
  of(length: number): Uint8Array<ArrayBuffer> {
    if (this.bytes.length < length) this.bytes = new Uint8Array(length);
    return this.bytes.subarray(0, length);
  }
}
