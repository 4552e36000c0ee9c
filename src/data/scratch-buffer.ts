/**
 * A buffer that is reused, because allocating for each of fifty thousand pictures would exceed the size of the data
 * set.
 */
export class ScratchBuffer {
  private bytes = new Uint8Array(0);

  /** A buffer of this length with arbitrary contents. It overwrites the result of the previous call. */
  of(length: number): Uint8Array<ArrayBuffer> {
    if (this.bytes.length < length) this.bytes = new Uint8Array(length);
    return this.bytes.subarray(0, length);
  }
}
