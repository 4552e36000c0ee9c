/** The signature by which two recordings of a step are compared. */

/** Two 32-bit hashes, because a single one collides once in a few ten thousand constants. */
type Hash = readonly [number, number];

/** Hash over 32-bit words; remaining bytes count as one more word. */
export function hashWords(data: ArrayBuffer, offset = 0, bytes = data.byteLength - offset): Hash {
  const view = new DataView(data, offset, bytes);
  let [first, second] = [0x811c9dc5, 0x9e3779b9];
  const mix = (word: number) => {
    first = Math.imul(first ^ word, 0x01000193);
    first ^= first >>> 15;
    second = Math.imul(second + word, 0x85ebca6b);
    second ^= second >>> 13;
  };
  let at = 0;
  for (; at + 4 <= bytes; at += 4) mix(view.getInt32(at, true));
  for (; at < bytes; at++) mix(view.getUint8(at));
  return [first, second];
}

export function hashText(text: string): Hash {
  return hashWords(new TextEncoder().encode(text).buffer);
}

export function hashOf([first, second]: Hash): string {
  return `${(first >>> 0).toString(36)}.${(second >>> 0).toString(36)}`;
}

/** Names of buffers that are not a graph's own, equal in every recording. */
const names = new WeakMap<GPUBuffer, number>();
let named = 0;

export function nameOfForeign(buffer: GPUBuffer): string {
  let name = names.get(buffer);
  if (name === undefined) names.set(buffer, (name = ++named));
  return `foreign ${name}`;
}

/**
 * The recording as text: one line per dispatch (shader, buffers, size), copy, and constant or uniform (hash of the
 * content). Steps with equal lines do the same to the same buffers.
 */
export class Signature {
  private readonly lines: string[] = [];

  add(line: string): void {
    this.lines.push(line);
  }

  equals(other: Signature): boolean {
    return this.lines.length === other.lines.length && this.lines.every((line, i) => line === other.lines[i]);
  }
}
