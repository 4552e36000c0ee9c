/** Unpacks gzip no further than the content's format can need. */
import { idxLength, isIdxMagic } from '../formats/idx-header';
import { isNpy } from '../formats/npy-header';
import type { ImportContext } from '../import-context';
import { pictureKind } from '../picture-header';
import { textOf } from '../text';
import { headBytes, type Source } from '../source';
import { gunzip, gunzipHead, gunzipLength, unpacking } from './gzip';
import { isArrow } from './arrow-messages';
import { isHdf5 } from './hdf5-file';
import { isMat } from './mat-file';
import { isTfRecord } from './tfrecord-file';
import { isTar } from './tar';

/** Like `gunzip`, but the result is truncated when it is longer than any format with these first bytes can be. */
export function gunzipKnown(packed: Blob, context: ImportContext): Promise<Uint8Array<ArrayBuffer>> {
  return gunzip(packed, context, (head) => lengthAllowed(head, context));
}

/**
 * A text inside a gzip file. It is unpacked again at each read, so that a large table is never held whole. Null when
 * the content is no text. Throws like `gunzip`.
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
  if (
    isTar(head) ||
    isNpy(head) ||
    textOf(head) !== null ||
    isParquetHead(head) ||
    isMat(head) ||
    isArrow(head) ||
    isTfRecord(head) ||
    isHdf5(head)
  )
    return Infinity;
  // One byte more than the header states, so that a wrong length is noticed.
  if (isIdxMagic(head)) return (idxLength(head) ?? 0) + 1;
  if (pictureKind(head)) return pictureBytes + 1;
  // Length limit for content without a magic number; only CIFAR records have none.
  const longestRecord = 3074;
  return images * longestRecord + 1;
}

function isParquetHead(head: Uint8Array): boolean {
  return String.fromCharCode(...head.subarray(0, 4)) === 'PAR1';
}
