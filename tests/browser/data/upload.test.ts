import { afterEach, describe, expect, test } from 'vitest';
import { bundledSets } from '../../../src/data/bundled-about';
import { decodeImage } from '../../../src/data/decode';
import { filesFromDrop, filesFromInput } from '../../../src/data/dropped-files';
import { applied, untouched, withoutImages } from '../../../src/data/edit';
import { importFiles } from '../../../src/data/import-dataset';
import { hasDataset } from '../../../src/storage/datasets';
import { packImages } from '../../unit/storage/pack-images';
import { labelledImagesOf } from '../../../src/data/labelled-images';
import { packSet } from '../../../src/storage/set-handle';
import { labelledSetOf } from '../../../src/storage/image-set';
import { readImages } from '../../../src/storage/set-rows';
import { openStorage } from '../../../src/storage/storage';
import { ImportClient } from '../../../src/worker/import-client';
import { animals, painted, pattern, zip } from './pictures';

const client = new ImportClient();
afterEach(() => client.dispose());

describe('an upload', () => {
  test('of a zip of PNGs keeps every pixel', async () => {
    const entries = { ...(await animals(12, 'train/')), ...(await animals(11, 'test/')) };
    const { report, dataset } = await importFiles([{ path: 'x.zip', bytes: zip(entries) }], { decodeImage });
    expect(report).toMatchObject({
      outcome: 'loaded',
      train: 36,
      test: 33,
      shape: [12, 12, 3],
      warnings: [],
    });
    const colour = pattern('train/'.length * 1000 + 100);
    const images = labelledImagesOf(dataset!)!;
    const first = images.train.labels.indexOf(1);
    const pixel = images.train.images.subarray(
      (first * 144 + 12 * 3 + 5) * 3,
      (first * 144 + 12 * 3 + 5) * 3 + 3,
    );
    expect([...pixel]).toEqual(colour(5, 3).slice(0, 3));
  });

  test('brings photos, drawings with opacity and odd sizes to one size', async () => {
    const entries: Record<string, Uint8Array> = {};
    for (let i = 0; i < 12; i++) {
      // One is larger than what is decoded at full size; more would only take time to paint.
      const side = i === 0 ? 600 : 100;
      entries[`photo/${i}.jpg`] = await painted(side + (i % 2), side, pattern(i), 'image/jpeg');
      entries[`drawing/${i}.webp`] = await painted(
        side,
        side,
        (x, y) => [x % 256, (y + i) % 256, 0, 128],
        'image/webp',
      );
    }
    const { report } = await importFiles([{ path: 'x.zip', bytes: zip(entries) }], { decodeImage });
    expect(report).toMatchObject({ outcome: 'loaded', shape: [64, 64, 3] });
    expect(report.warnings.join('\n')).toMatch(/24 of 24 pictures were resized/);
    expect(report.warnings.join('\n')).toMatch(/12 pictures have transparent parts, shown on white/);
  });

  test('makes grey pictures grey and leaves out broken ones', async () => {
    const entries: Record<string, Uint8Array> = {};
    for (let i = 0; i < 24; i++)
      entries[`${i % 2 === 0 ? 'a' : 'b'}/${i}.png`] = await painted(9, 9, (x, y) => {
        const shade = (x * 20 + y * 5 + i) % 256;
        return [shade, shade, shade, 255];
      });
    entries['a/broken.png'] = entries['a/0.png']!.subarray(0, 60);
    const { report } = await importFiles([{ path: 'x.zip', bytes: zip(entries) }], { decodeImage });
    expect(report).toMatchObject({ outcome: 'partial', shape: [9, 9, 1], skippedCount: 1 });
    expect(report.skipped[0]).toMatchObject({ where: 'x.zip: a/broken.png' });
  });
});

describe('the import worker', () => {
  test('imports, with progress', async () => {
    const seen: string[] = [];
    const files = [{ path: 'x.zip', bytes: zip(await animals(15)) }];
    const order = { onProgress: (words: string) => seen.push(words), store: false };
    const { report, set } = await client.importFiles(files, order).result;
    expect(report).toMatchObject({ outcome: 'loaded', train: 36, test: 9, classes: ['cat', 'dog', 'fox'] });
    const images = Array.from({ length: 36 }, (_, i) => i);
    expect(await readImages(set!, images)).toHaveLength(36 * 12 * 12 * 3);
    expect(set).toMatchObject({ stored: false, train: { count: 36 }, test: { count: 9 } });
    expect(seen).toContain('Decoding pictures');
  });

  test('stores an import once, as a file that the page reads from, and packs and changes it there', async () => {
    const entries = await animals(15);
    const files = [{ path: 'x.zip', bytes: zip(entries) }];
    const read = await importFiles(files, { decodeImage });
    const { set } = await client.importFiles(files, { store: true }).result;
    const storage = await openStorage();
    expect(set).toMatchObject({ stored: true, key: (await packSet(read.dataset!)).hash });
    expect(await hasDataset(storage, set!.key)).toBe(true);
    expect(await readImages(set!, [3])).toEqual(
      labelledImagesOf(read.dataset!)!.train.images.slice(3 * 432, 4 * 432),
    );

    const edit = withoutImages(untouched(labelledSetOf(set!)!), [0, 40]);
    const ref = { kind: 'stored', hash: set!.key } as const;
    const changed = await client.changeSet(ref, edit, true).result;
    expect(changed!.key).toBe((await packImages(applied(labelledImagesOf(read.dataset!)!, edit))).hash);
    const packed = await client.exportSet(ref, edit).result;
    const again = await client.importFiles([{ path: 'y.zip', bytes: packed! }], { store: false }).result;
    expect(again.report).toMatchObject({ train: 35, test: 8 });
    storage.close();
  });

  test('refuses in words', async () => {
    const files = [{ path: 'x.csv', bytes: new Blob(['<html>']) }];
    const { report, set } = await client.importFiles(files, { store: false }).result;
    expect(set).toBeNull();
    expect(report.message).toContain('web page');
  });

  test('is cancelled, and works again', async () => {
    const files = [{ path: 'x.zip', bytes: zip(await animals(15)) }];
    const running = client.importFiles(files, { store: false });
    running.cancel();
    expect((await running.result).report.message).toContain('cancelled');
    expect((await client.importFiles(files, { store: false }).result).report.outcome).toBe('loaded');
  });

  test('loads bundled sets from the folder of the page', async () => {
    const dataset = await client.bundled('digits-8x8');
    const about = bundledSets[0]!;
    expect(dataset).toMatchObject({ id: about.id, title: about.title, target: about.target });
    expect(dataset.train.count).toBe(about.train);
    await expect(client.bundled('nothing')).rejects.toThrow('no bundled data set');
  });

  test('is started anew after a crash, which is a report', async () => {
    let started = 0;
    const source = (crash: boolean) =>
      crash
        ? 'onmessage = () => { throw new Error("boom") }'
        : 'onmessage = ({data}) => postMessage({kind: "fault", id: data.id, message: "alive"})';
    const mortal = new ImportClient(() => {
      started++;
      return new Worker(URL.createObjectURL(new Blob([source(started === 1)], { type: 'text/javascript' })));
    });
    const { report, set } = await mortal.importFiles([], { store: false }).result;
    expect(set).toBeNull();
    expect(report).toMatchObject({ outcome: 'refused' });
    expect(report.message).toContain('stopped unexpectedly');
    await expect(mortal.bundled('x')).rejects.toThrow('alive');
    expect(started).toBe(2);
    mortal.dispose();
  });
});

describe('what is dropped', () => {
  test('is listed with its path when it was chosen as a folder', () => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['x'], 'a.txt'));
    expect(filesFromInput(transfer.files).map(({ path }) => path)).toEqual(['a.txt']);
  });

  test('is listed with folders walked to their end', async () => {
    const names = Array.from({ length: 250 }, (_, i) => `${i}.png`);
    const entry = (path: string) => ({
      isFile: true,
      isDirectory: false,
      fullPath: path,
      file: (resolve: (file: File) => void, reject: (error: Error) => void) =>
        path.endsWith('/7.png') ? reject(new Error('locked')) : resolve(new File(['x'], 'x')),
    });
    const folder = {
      isFile: false,
      isDirectory: true,
      fullPath: '/set',
      createReader() {
        let at = 0;
        // As Chrome does: at most a hundred at a time, then nothing.
        return {
          readEntries: (resolve: (some: unknown[]) => void) =>
            resolve(names.slice(at, (at += 100)).map((name) => entry(`/set/cat/${name}`))),
        };
      },
    };
    let open = true;
    const item = { kind: 'file', webkitGetAsEntry: () => (open ? folder : null), getAsFile: () => null };
    const listed = filesFromDrop({ items: [item, { kind: 'string' }] } as unknown as DataTransfer);
    open = false;
    const files = await listed;
    expect(files).toHaveLength(249);
    expect(files[0]!.path).toBe('set/cat/0.png');
  });
});
