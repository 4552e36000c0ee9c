const { port1: nowhere, port2: end } = new MessageChannel();
end.close();

/**
 * Gives the memory of a buffer back at once, by sending it to nobody: pieces of large files and pixels of thousands of
 * pictures would lie about until the browser looks for what nobody needs any more. Views of the buffer are empty then.
 */
export function freeBuffer(buffer: ArrayBuffer): void {
  if (buffer.byteLength > 0) nowhere.postMessage(null, [buffer]);
}
