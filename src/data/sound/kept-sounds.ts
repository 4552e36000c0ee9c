/** The samples behind pictures of sounds, kept so that they can be played. */

import type { KeptSounds } from '../dataset';

/** Bytes of a sample as it is kept. */
export const bytesOfSample = Int16Array.BYTES_PER_ELEMENT;
/** Samples in memory before they become a blob, which a browser may lay on the disk. */
const pieceSamples = 4 * 1024 * 1024;

/** Takes up sounds while they are read. */
export class SoundKeeper {
  private readonly names: string[] = [];
  private readonly rates: number[] = [];
  private readonly counts: number[] = [];
  private readonly known = new Set<string>();
  private readonly blobs: Blob[] = [];
  private pieces: Int16Array<ArrayBuffer>[] = [];
  private waiting = 0;

  /** @param samples -1..1; what is louder is cut */
  add(name: string, rate: number, samples: Float32Array): void {
    // A sound is read again for a question's pictures.
    if (this.known.has(name)) return;
    this.known.add(name);
    this.names.push(name);
    this.rates.push(rate);
    this.counts.push(samples.length);
    this.pieces.push(Int16Array.from(samples, (value) => Math.max(-1, Math.min(1, value)) * 32_767));
    this.waiting += samples.length;
    if (this.waiting >= pieceSamples) this.layDown();
  }

  finish(): KeptSounds {
    this.layDown();
    const { names, rates, counts } = this;
    return { names, rates, counts, samples: new Blob(this.blobs) };
  }

  private layDown(): void {
    this.blobs.push(new Blob(this.pieces));
    this.pieces = [];
    this.waiting = 0;
  }
}
