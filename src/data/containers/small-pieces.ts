/**
 * Size of the pieces that are fed to the browser's decompressor. It unpacks a whole piece before it can be stopped,
 * and a piece of one megabyte may become a gigabyte.
 */
const pieceBytes = 16 * 1024;

/** The bytes of a blob as a stream of small pieces, each read on demand. */
export function inSmallPieces(blob: Blob): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = blob.stream().getReader();
  let held = new Uint8Array(0);
  return new ReadableStream(
    {
      async pull(controller) {
        while (held.length === 0) {
          const { done, value } = await reader.read();
          if (done) return controller.close();
          held = value;
        }
        controller.enqueue(held.subarray(0, pieceBytes));
        held = held.subarray(pieceBytes);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
