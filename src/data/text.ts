/** Text detection: byte-order marks, both kinds of UTF-16, and binary data. */

/** Encoding by byte-order mark, with the mark's length; null for binary data. */
export function encodingOf(head: Uint8Array): { encoding: string; mark: number } | null {
  // The mark of UTF-32, which browsers do not decode, starts like that of UTF-16.
  if (head[0] === 0xff && head[1] === 0xfe && head[2] === 0 && head[3] === 0) return null;
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', mark: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', mark: 2 };
  const mark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  if (head.includes(0)) return null;
  try {
    // Decoded as a stream, because the head may end within a character.
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
  } catch {
    return null;
  }
  return { encoding: 'utf-8', mark };
}

/** The head as text, or null for binary data. */
export function textOf(head: Uint8Array): string | null {
  const encoding = encodingOf(head);
  if (!encoding) return null;
  return new TextDecoder(encoding.encoding).decode(head.subarray(encoding.mark), { stream: true });
}

/** Bytes as Latin-1 characters. */
export function latin(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}
