/**
 * Packed bytes for a decompressor of the browser, which unpacks all of a piece before anybody can stop it: a piece of
 * one megabyte may become a gigabyte.
 */
const pieceBytes = 16 * 1024;

/** The bytes of a blob, some kilobytes at a time and no sooner than they are wanted. */
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
