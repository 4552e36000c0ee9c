import { expect, test } from 'vitest';
import { file, idx, labels, loaded, npy, pixels, zip } from './builders';

const image = 64;

test('labels that are equal in two parts of a set are no copies', async () => {
  const sorted = npy('|u1', [20], Uint8Array.from(labels(20, 4)).sort());
  const part = (seed: number) => npy('|u1', [20, 8, 8], pixels(20 + seed, image).subarray(seed * image));
  const { report, dataset } = await loaded([
    file(
      'set.zip',
      zip({
        'train/x.npy': part(1),
        'train/y.npy': sorted,
        'test/x.npy': part(2),
        'test/y.npy': sorted,
      }),
    ),
  ]);
  expect(report).toMatchObject({ outcome: 'loaded', train: 20, test: 20 });
  expect([...dataset.test.labels]).toEqual([...dataset.train.labels]);
});

test('of many copies one is read', async () => {
  const set = {
    'images.idx': idx([60, 8, 8], pixels(60, image)),
    'labels.idx': idx([60], Uint8Array.from(labels(60, 10))),
  };
  const copies: Record<string, Uint8Array<ArrayBuffer>> = {};
  for (let i = 0; i < 6; i++)
    for (const [name, bytes] of Object.entries(set)) copies[`copy ${i}/${name}`] = bytes;
  const archive = file('set.zip', zip(copies));
  const { report } = await loaded([archive]);
  expect(report).toMatchObject({ outcome: 'partial', train: 50, test: 10, skippedCount: 10 });
});
