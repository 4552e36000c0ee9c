import { beforeEach, describe, expect, test } from 'vitest';
import type { LabelledImages } from '../../../src/data/labelled-images';
import { renamed, untouched, withoutImages } from '../../../src/data/edit';
import { keepDataset, markKept, sweepDatasets } from '../../../src/storage/datasets';
import { packImages } from './pack-images';
import { loadEditDraft, saveEditDraft } from '../../../src/storage/edit-drafts';
import { memoryStorage, type MemoryStorage } from './memory-storage';

const split = (count: number) => ({
  images: new Uint8Array(count * 4).fill(7),
  labels: Int32Array.from({ length: count }, (_, i) => i % 2),
  count,
});
const dataset: LabelledImages = {
  id: 'upload',
  title: 'Mine',
  height: 2,
  width: 2,
  channels: 1,
  classes: ['a', 'b'],
  train: split(4),
  test: split(2),
};
const edit = renamed(withoutImages(untouched(dataset), [1, 5]), 0, 'cat');

let storage: MemoryStorage;
beforeEach(async () => {
  storage = await memoryStorage();
});

describe('changes that are not yet confirmed', () => {
  test('come back as they were', async () => {
    await saveEditDraft(storage, 'digits', withoutImages(untouched(dataset), [0]));
    await saveEditDraft(storage, 'digits', edit);
    expect(await loadEditDraft(storage, 'digits', 6)).toEqual(edit);
    expect(await loadEditDraft(storage, 'fashion', 6)).toBeNull();
  });

  test('are gone when they are thrown away', async () => {
    await saveEditDraft(storage, 'digits', edit);
    await saveEditDraft(storage, 'digits', null);
    await saveEditDraft(storage, 'digits', null);
    expect(await loadEditDraft(storage, 'digits', 6)).toBeNull();
  });

  test('are passed over when they do not fit the set, or were cut off', async () => {
    await saveEditDraft(storage, 'digits', edit);
    expect(await loadEditDraft(storage, 'digits', 7)).toBeNull();
    await saveEditDraft(storage, 'digits', { ...edit, classes: ['only'] });
    expect(await loadEditDraft(storage, 'digits', 6)).toBeNull();
    storage.files.beforeWrite = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    await expect(saveEditDraft(storage, 'digits', edit)).rejects.toThrow('full');
    expect(await loadEditDraft(storage, 'digits', 6)).toBeNull();
  });

  test('go with their set; those of bundled sets stay', async () => {
    const { key: hash } = await keepDataset(storage, await packImages(dataset));
    await saveEditDraft(storage, hash, edit);
    await saveEditDraft(storage, 'digits', edit);
    await sweepDatasets(storage);
    expect(await loadEditDraft(storage, hash, 6)).toEqual(edit);
    await markKept(storage, hash, null);
    await sweepDatasets(storage);
    expect(await loadEditDraft(storage, hash, 6)).toBeNull();
    expect(await loadEditDraft(storage, 'digits', 6)).toEqual(edit);
  });
});
