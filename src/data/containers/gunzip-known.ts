/** Unpacks gzip only as far as a format could want what is inside. */
import { idxLength, isIdxMagic } from '../formats/idx-header';
import { isNpy } from '../formats/npy-header';
import type { Job } from '../job';
import { pictureKind } from '../picture-header';
import { textOf } from '../text';
import { headBytes, type Source } from '../source';
import { gunzip, gunzipHead, gunzipLength, unpacking } from './gzip';
import { isTar } from './tar';

/** As `gunzip`; what is longer than anything that begins so can be comes back cut. */
export function gunzipKnown(packed: Blob, job: Job): Promise<Uint8Array<ArrayBuffer>> {
  return gunzip(packed, job, (head) => lengthAllowed(head, job));
}

/**
 * A text in a gzip file, which is unpacked anew whenever it is read, so that a large table is never held whole; null
 * when something else is inside. Throws like `gunzip`.
 */
export async function packedText(
  packed: Blob,
  path: string,
  where: string,
  job: Job,
): Promise<Source | null> {
  const head = await gunzipHead(packed, headBytes, job);
  if (head.length === 0 || isTar(head) || isParquetHead(head) || textOf(head) === null) return null;
  const size = await gunzipLength(packed, job);
  return {
    path,
    where,
    size,
    read: (most) => gunzipHead(packed, Math.min(most, size), job),
    pieces: () => unpacking(packed, job),
  };
}

function lengthAllowed(head: Uint8Array, job: Job): number {
  const { images, pictureBytes } = job.limits;
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
