import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { gunzipSync } from 'fflate';
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
  expect(dataset).toMatchObject({
    id,
    height: about.height,
    width: about.width,
    channels: about.channels,
    classes: about.classes,
  });
  expect([dataset.train.count, dataset.test.count]).toEqual([about.train, about.test]);
  expect(dataset.train.images).toHaveLength(about.train * about.height * about.width * about.channels);
  expect(new Set(dataset.train.labels)).toEqual(new Set(about.classes.keys()));
  expect(fetched).toBe(about.bytes);
  const names = await readFile(new URL(`data/${id}/class-names.txt`, site), 'utf8');
  expect(names.trim().split('\n')).toEqual(about.classes);
  const licence = await readFile(new URL(`data/${id}/LICENCE.txt`, site), 'utf8');
  expect(licence).toContain(about.attribution.licence);
});

test('a server that unpacks gzip by itself is fine', async () => {
  const unpacked = await loadBundled(
    'digits-8x8',
    async (path) => Uint8Array.from(gunzipSync(new Uint8Array(await fetchFile(path)))).buffer,
  );
  expect(unpacked.train.images).toEqual((await loadBundled('digits-8x8', fetchFile)).train.images);
});

test('an unknown set and a wrong file are errors in words', async () => {
  await expect(loadBundled('mnist', fetchFile)).rejects.toThrow('no bundled data set "mnist"');
  const page = () => Promise.resolve(new TextEncoder().encode('<html>').buffer);
  await expect(loadBundled('digits-8x8', page)).rejects.toThrow('IDX');
  const swapped = (path: string) => fetchFile(path.replace('train', 't10k'));
  await expect(loadBundled('digits-8x8', swapped)).rejects.toThrow('incomplete');
});
