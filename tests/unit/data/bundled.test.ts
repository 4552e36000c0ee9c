import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { gunzipSync } from 'fflate';
import { labelsOf } from '../../../src/data/dataset';
import { soundDataset } from '../../../src/storage/set-contents';
import { bundledSets, loadBundled } from '../../../src/data/bundled-sets';

const site = new URL('../../../public/', import.meta.url);
const fetchFile = async (path: string) => {
  const bytes = await readFile(new URL(path, site));
  return Uint8Array.from(bytes).buffer;
};

test.each(bundledSets.map(({ id }) => id))('%s is as its description says', async (id) => {
  const about = bundledSets.find((set) => set.id === id)!;
  let fetched = 0;
  const dataset = await loadBundled(id, async (path) => {
    const bytes = await fetchFile(path);
    fetched += bytes.byteLength;
    return bytes;
  });
  const { title, task, inputs, target, attribution, source } = about;
  expect(dataset).toMatchObject({ id, title, task, inputs, target, ...(attribution ? { attribution } : {}) });
  expect([dataset.train.count, dataset.test.count]).toEqual([about.train, about.test]);
  expect(fetched).toBe(about.bytes);
  // What files of sets must be like holds for sets that come with the page too.
  expect(soundDataset(structuredClone(dataset))).not.toBeNull();
  if (target.kind === 'class')
    for (const split of [dataset.train, dataset.test])
      expect(new Set(labelsOf(split))).toEqual(new Set(target.names.keys()));
  if (source.kind === 'drawn') return;
  const licence = await readFile(new URL(`data/${id}/LICENCE.txt`, site), 'utf8');
  expect(licence).toContain(attribution!.licence);
  if (source.kind !== 'idx') return;
  const names = await readFile(new URL(`data/${id}/class-names.txt`, site), 'utf8');
  expect(names.trim().split('\n')).toEqual(target.names);
});

test('a server that unpacks gzip by itself is fine', async () => {
  const unpacked = await loadBundled(
    'digits-8x8',
    async (path) => Uint8Array.from(gunzipSync(new Uint8Array(await fetchFile(path)))).buffer,
  );
  expect(unpacked).toEqual(await loadBundled('digits-8x8', fetchFile));
});

test('an unknown set and a wrong file are errors in words', async () => {
  await expect(loadBundled('mnist', fetchFile)).rejects.toThrow('no bundled data set "mnist"');
  const page = () => Promise.resolve(new TextEncoder().encode('<html>').buffer);
  await expect(loadBundled('digits-8x8', page)).rejects.toThrow('IDX');
  const swapped = (path: string) => fetchFile(path.replace('train', 't10k'));
  await expect(loadBundled('digits-8x8', swapped)).rejects.toThrow('incomplete');
});
