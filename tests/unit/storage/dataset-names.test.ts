import { afterEach, expect, test, vi } from 'vitest';
import type { ImportReport } from '../../../src/data/dataset';
import { datasetName, keepDataset, loadDataset } from '../../../src/storage/datasets';
import { ImportClient } from '../../../src/worker/import-client';
import { idx, labels, loaded, pixels, file } from '../data/builders';
import { memoryStorage } from './ports';

afterEach(() => vi.restoreAllMocks());

const images = [
  file('train-images-idx3-ubyte', idx([40, 8, 8], pixels(40, 64))),
  file('train-labels-idx1-ubyte', idx([40], Uint8Array.from(labels(40, 2)))),
];

test('an imported set is stored under the name that its worker found, without working it out on the page', async () => {
  const { report, dataset: made } = await loaded(images);
  const name = await datasetName(made);
  const worker = new EventTarget() as Worker;
  worker.postMessage = () => undefined;
  worker.terminate = () => undefined;
  const task = new ImportClient(() => worker).importFiles(images);
  const data = structuredClone({ kind: 'answer', id: 1, value: { report, dataset: made, name } });
  worker.dispatchEvent(new MessageEvent('message', { data }));
  const { dataset } = (await task.result) as { report: ImportReport; dataset: typeof made };

  const digest = vi.spyOn(crypto.subtle, 'digest');
  const storage = await memoryStorage();
  expect(await keepDataset(storage, dataset)).toBe(name);
  expect(digest).not.toHaveBeenCalled();
  // Whose bytes are compared with the name when it is read.
  expect(await loadDataset(storage, name)).toEqual(dataset);
});

test('a set that came from elsewhere is given the same name', async () => {
  const { dataset } = await loaded(images);
  const storage = await memoryStorage();
  expect(await keepDataset(storage, structuredClone(dataset))).toBe(await datasetName(dataset));
});
