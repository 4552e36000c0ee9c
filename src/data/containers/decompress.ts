/** What the browser's decompressor makes of a packed file, in pieces. */
import { Refusal } from '../import-context';
import { Unreadable } from '../source';
import { inSmallPieces } from './small-pieces';

/** Unpacked bytes, not counted. Errors of the decompressor are told apart from others by `isNoDamage`. */
export async function* decompressed(
  packed: Blob,
  format: CompressionFormat,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = inSmallPieces(packed).pipeThrough(new DecompressionStream(format)).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Stops the decompressor; the error of the cancelled stream is ignored. What it has in hand comes out before: Node would
    // put it into the closed stream and throw where nobody can catch it.
    setTimeout(() => void reader.cancel().catch(() => undefined));
  }
}

/** An error that says nothing about the packed bytes: a limit, a cancelled import, no memory. */
export function isNoDamage(error: unknown): boolean {
  return (
    error instanceof Refusal ||
    error instanceof Unreadable ||
    error instanceof RangeError ||
    (error instanceof Error && error.name === 'AbortError')
  );
}
