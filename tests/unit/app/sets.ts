/** Data sets as the page holds them, made without a worker. */
import type { ImportPort } from '../../../src/app/ports';
import { labelledImagesOf, type LabelledImages } from '../../../src/data/labelled-images';
import { applied } from '../../../src/data/edit';
import { heldSet, unpackSet } from '../../../src/storage/set-handle';
import { packImages } from '../storage/pack-images';
import { labelledSetOf, type LabelledImageSet } from '../../../src/storage/image-set';

/** A set of the person's own that is in memory. */
export async function setOf(dataset: LabelledImages): Promise<LabelledImageSet> {
  return labelledSetOf(await heldSet(await packImages(dataset)))!;
}

export async function bundledSet(dataset: LabelledImages): Promise<LabelledImageSet> {
  return { ...(await setOf(dataset)), id: dataset.id, key: dataset.id };
}

/** @param bundled stands for any set that comes with the page */
export function fakeChanges(bundled: LabelledImages): ImportPort['changeSet'] {
  return (set, edit) => {
    const change = async () => {
      if (set.kind === 'stored') throw new Error('There is no storage here.');
      const before =
        set.kind === 'held'
          ? labelledImagesOf(await unpackSet(new Uint8Array(await set.file.arrayBuffer()), set.hash))!
          : bundled;
      return setOf(applied(before, edit));
    };
    return { result: change(), cancel: () => undefined };
  };
}
