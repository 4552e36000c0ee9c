/** Unpacks gzip only as far as a format could want what is inside. */
import { idxLength, isIdxMagic } from '../formats/idx-header';
import { isNpy } from '../formats/npy-header';
import type { Job } from '../job';
import { pictureKind } from '../picture-header';
import { textOf } from '../text';
import { gunzip } from './gzip';
import { isTar } from './tar';

/** As `gunzip`; what is longer than anything that begins so can be comes back cut. */
export function gunzipKnown(packed: Blob, job: Job): Promise<Uint8Array<ArrayBuffer>> {
  return gunzip(packed, job, (head) => lengthAllowed(head, job));
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
