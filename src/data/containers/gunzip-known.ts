/** Unpacks gzip only as far as a format could want what is inside. */
import { idxLength, isIdxMagic } from '../formats/idx-header';
import { isNpy } from '../formats/npy-header';
import type { ImportContext } from '../import-context';
import { pictureKind } from '../picture-header';
import { textOf } from '../text';
import { headBytes, type Source } from '../source';
import { gunzip, gunzipHead, gunzipLength, unpacking } from './gzip';
import { isTar } from './tar';

/** As `gunzip`; what is longer than anything that begins so can be comes back cut. */
export function gunzipKnown(packed: Blob, context: ImportContext): Promise<Uint8Array<ArrayBuffer>> {
  return gunzip(packed, context, (head) => lengthAllowed(head, context));
}

/**
 * A text in a gzip file, which is unpacked anew whenever it is read, so that a large table is never held whole; null
 * when something else is inside. Throws like `gunzip`.
 */
export async function packedText(
  packed: Blob,
  path: string,
  where: string,
  context: ImportContext,
): Promise<Source | null> {
  const head = await gunzipHead(packed, headBytes, context);
  if (head.length === 0 || isTar(head) || isParquetHead(head) || textOf(head) === null) return null;
  const size = await gunzipLength(packed, context);
  return {
    path,
    where,
    size,
    read: (most) => gunzipHead(packed, Math.min(most, size), context),
    pieces: () => unpacking(packed, context),
  };
}

function lengthAllowed(head: Uint8Array, context: ImportContext): number {
  const { images, pictureBytes } = context.limits;
  if (isTar(head) || isNpy(head) || textOf(head) !== null || isParquetHead(head)) return Infinity;
  // One byte more shows that the sizes do not match.
  if (isIdxMagic(head)) return (idxLength(head) ?? 0) + 1;
  if (pictureKind(head)) return pictureBytes + 1;
  // Only records of CIFAR begin with anything.
  const longestRecord = 3074;
  return images * longestRecord + 1;
}

function isParquetHead(head: Uint8Array): boolean {
  return String.fromCharCode(...head.subarray(0, 4)) === 'PAR1';
}
