/** Names of rows, from the files of a set to the answers that are matched by them. */
import { expect, test } from 'vitest';
import { classNames, labelsOf, type Dataset } from '../../../src/data/dataset';
import {
  keepDataset,
  loadDataset,
  openDataset,
  sweepDatasets,
  markKept,
} from '../../../src/storage/datasets';
import { unpackSources } from '../../../src/storage/row-sources-file';
import { heldSet, ownRefOf, packSet } from '../../../src/storage/set-handle';
import { loadAnswers } from '../../../src/training/answers/load-answers';
import { OpenSets } from '../../../src/worker/open-sets';
import { memoryStorage } from '../storage/memory-storage';
import { csvOf, npyOf } from '../training/answers/files';
import { dropped, file, folders, loadedSet } from './builders';

const withoutSources = ({ train, test: tested, ...about }: Dataset): Dataset => {
  const bare = ({ count, inputs, targets, known }: Dataset['train']) => ({ count, inputs, targets, known });
  return { ...about, train: bare(train), test: bare(tested) };
};
const namesIn = ({ train, test: tested }: Dataset) => [...train.sources!.names!, ...tested.sources!.names!];
const hits = (dataset: Dataset, values: ArrayLike<number>) => {
  const labels = [...labelsOf(dataset.train), ...labelsOf(dataset.test)];
  const width = classNames(dataset).length;
  return labels.filter((label, row) => values[row * width + label]! > 0).length / labels.length;
};
const bytesOf = (path: string, bytes: Uint8Array) => [{ path, bytes }];

test('names of pictures lie beside the stored set and match answers by file name', async () => {
  const { dataset } = await loadedSet(dropped(folders(['cat', 'dog'], 10, 'pets/')));
  const packed = await packSet(dataset);
  expect(packed.hash).toBe((await packSet(withoutSources(dataset))).hash);
  const storage = await memoryStorage();
  const handle = await keepDataset(storage, packed);
  const key = packed.hash;
  expect(await loadDataset(storage, key)).toEqual(dataset);
  expect((await unpackSources(handle.sources!, handle))!.train.names![0]).toMatch(/^pets\/cat\/.+\.png$/);
  const held = ownRefOf(await heldSet(packed))!;
  const opened = await new OpenSets(async () => storage).open({ kind: 'stored', hash: key });
  for (const set of [opened, await new OpenSets(async () => storage).open(held)]) {
    const rows = namesIn(set)
      .toReversed()
      .map((name) => [`/home/me/${name}`, Number(name.includes('cat')), Number(name.includes('dog'))]);
    const table = csvOf(['file', 'cat', 'dog'], [...rows, ['/home/me/other/x.png', 0, 1]]);
    const [answers] = await loadAnswers(bytesOf('net.csv', table), set);
    expect(hits(set, answers!.values)).toBe(1);
    expect(answers!.notes[0]).toMatch(/rows by the file names in “file”; 1 of them is not in this set/);
  }
  // In the order of the folders, as they were before the split.
  const inOrder = Float32Array.from({ length: 40 }, (_, i) => Number(i < 20 ? i % 2 === 0 : i % 2 === 1));
  const [whole] = await loadAnswers(bytesOf('net.npy', npyOf(inOrder, [20, 2])), opened);
  expect(hits(opened, whole!.values)).toBe(1);
  // Damaged names take nothing from the set.
  await storage.files.remove(`dataset-names/${key}`);
  await storage.files.write(`dataset-names/${key}`, [
    new TextEncoder().encode('{"version":1,"train":{"names":['),
  ]);
  expect(await loadDataset(storage, key)).toEqual(withoutSources(dataset));
  await markKept(storage, key, null);
  await sweepDatasets(storage);
  expect(await storage.files.list('dataset-names')).toEqual([]);
  await expect(openDataset(storage, key)).rejects.toThrow('no longer stored');
});

test('a table’s own numbers of its rows match answers, and so does its order', async () => {
  const lines = Array.from(
    { length: 1200 },
    (_, row) => `n${row},${7000 + row},${(row * 7) % 11},${row % 2 ? 'a' : 'b'}`,
  );
  const { dataset } = await loadedSet([file('t.csv', ['title,PassengerId,x,kind', ...lines].join('\n'))]);
  const set = dataset;
  expect(namesIn(set)).toContain('n1199');
  const right = (row: number) => (row % 2 ? [1, 0] : [0, 1]);
  const rows = lines.map((_, row) => [row, ...right(row)]);
  for (const table of [
    csvOf(['title', 'a', 'b'], rows.map(([row, ...rest]) => [`n${row}`, ...rest]).toReversed()),
    csvOf(['index', 'a', 'b'], rows.toReversed()),
    csvOf(
      ['a', 'b'],
      rows.map(([, ...rest]) => rest),
    ),
  ]) {
    const [answers] = await loadAnswers(bytesOf('net.csv', table), set);
    expect(hits(set, answers!.values)).toBe(1);
  }
});
