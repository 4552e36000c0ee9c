/** gzip: unpacked by the browser, chunk by chunk, counted as it comes. */
import { Collector, Unreadable } from '../source';
import { Refusal, type Job } from '../job';
import { inSmallPieces } from './small-pieces';

export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;
}

/** How many bytes a file may have that begins so: what no format wants need not be unpacked to its end. */
export type LengthAllowed = (head: Uint8Array) => number;

const headBytes = 4096;

/**
 * Unpacks a whole gzip file. Throws `Unreadable` when it is cut or damaged (the checksum is verified) and a refusal
 * at the limit of unpacked bytes. What is longer than `allowed` comes back cut there.
 */
export async function gunzip(
  packed: Blob,
  job: Job,
  allowed: LengthAllowed = () => Infinity,
): Promise<Uint8Array<ArrayBuffer>> {
  const collector = new Collector(job);
  let most: number | null = null;
  const reader = inSmallPieces(packed).pipeThrough(new DecompressionStream('gzip')).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return collector.bytes();
      collector.add(value);
      if (most === null && collector.length >= headBytes) most = allowed(collector.peek(headBytes));
      if (most !== null && collector.length > most) {
        reader.cancel().catch(() => undefined);
        return collector.bytes(most);
      }
      await job.breathe();
    }
  } catch (error) {
    // Stops the decompressor; its own complaint about that is of no interest.
    reader.cancel().catch(() => undefined);
    if (error instanceof Refusal || isAbort(error)) throw error;
    throw new Unreadable(whyBroken(error));
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Browsers and Node word their errors differently; two causes matter to a user. */
function whyBroken(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (/truncated|unexpected end/i.test(text))
    return 'is a gzip file that ends too early: it was cut off; download or copy it again';
  if (/junk/i.test(text))
    return 'is a gzip file with more after its end, perhaps several joined into one; unpack it and drop what comes out';
  return 'is a damaged gzip file (its checksum or its structure is wrong); download or copy it again';
}
