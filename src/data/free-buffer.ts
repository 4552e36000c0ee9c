const { port1: nowhere, port2: end } = new MessageChannel();
end.close();

/**
 * Frees the buffer now, by transferring it to a closed port. Otherwise it would stay until the next garbage
 * collection, and an import makes thousands of buffers. Views of the buffer become empty.
 */
export function freeBuffer(buffer: ArrayBuffer): void {
  if (buffer.byteLength > 0) nowhere.postMessage(null, [buffer]);
}
