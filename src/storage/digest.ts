/** Checksums of stored files, and names of data sets by content. */
import { joined } from '../numbers/joined';

/** Hashed in pieces of this size, because the browser's digest does not take a stream. */
const piece = 8 * 1024 * 1024;

/**
 * SHA-256 over the SHA-256 of each 8 MiB of the concatenated parts, in hex. It does not depend on how the bytes are
 * divided into parts.
 */
export async function digestOf(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<string> {
  const digests: Uint8Array[] = [];
  let held = new Uint8Array(0);
  const sha256 = await findSha256();
  const close = async (bytes: Uint8Array<ArrayBuffer>) => {
    digests.push(await sha256(bytes));
  };
  for (const part of parts) {
    let at = 0;
    if (held.length > 0) {
      at = Math.min(part.length, piece - held.length);
      held = joined(Uint8Array, [held, part.subarray(0, at)]);
      if (held.length === piece) {
        await close(held);
        held = new Uint8Array(0);
      }
    }
    for (; part.length - at >= piece; at += piece) await close(part.subarray(at, at + piece));
    if (at < part.length) held = joined(Uint8Array, [held, part.subarray(at)]);
  }
  if (held.length > 0 || digests.length === 0) await close(held);
  return inHex(await sha256(joined(Uint8Array, digests)));
}

function inHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The same of a file, which is never in memory as a whole. */
export async function digestOfFile(file: Blob): Promise<string> {
  const digests: Uint8Array[] = [];
  const sha256 = await findSha256();
  for (let at = 0; at < file.size || digests.length === 0; at += piece)
    digests.push(await sha256(new Uint8Array(await file.slice(at, at + piece).arrayBuffer())));
  return inHex(await sha256(joined(Uint8Array, digests)));
}

/** The browser's digest, which exists only on https and localhost; otherwise an implementation in JavaScript. */
async function findSha256(): Promise<(bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>> {
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  if (subtle) return async (bytes) => new Uint8Array(await subtle.digest('SHA-256', bytes));
  const { sha256 } = await import('@noble/hashes/sha2.js');
  return async (bytes) => sha256(bytes);
}
