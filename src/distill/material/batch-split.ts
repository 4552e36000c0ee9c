/** How the student's batches are made up of instances with and without a label. */
import type { Material } from './material';

type Pools = Pick<Material, 'labelled' | 'unlabelled' | 'realShare'>;

/** Instances of a batch. @param batch wanted; small pools give fewer */
export function batchSplit(
  { labelled, unlabelled, realShare }: Pools,
  batch: number,
): { labelled: number; unlabelled: number } {
  const real =
    unlabelled.length === 0
      ? batch
      : realShare === 0
        ? 0
        : Math.min(Math.max(Math.floor((batch * realShare) / 100), 1), batch - 1);
  return {
    labelled: Math.min(labelled.length, real),
    unlabelled: Math.min(unlabelled.length, batch - real),
  };
}

/** Rows of the training split that the student sees: labelled ones first. */
export function poolOf({ labelled, unlabelled, realShare }: Pools): Int32Array {
  return Int32Array.from([...(realShare === 0 && unlabelled.length > 0 ? [] : labelled), ...unlabelled]);
}
