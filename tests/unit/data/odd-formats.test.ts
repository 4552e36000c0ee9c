import { expect, test } from 'vitest';
import { file, joined, loaded, npy, pixel, pixels, refused, text, zip } from './builders';

/** A PGM or PPM of 8x8 pixels. */
function netpbm(kind: 'P2' | 'P3' | 'P5' | 'P6', seed: number, white = 255): Uint8Array {
  const channels = kind === 'P2' || kind === 'P5' ? 1 : 3;
  const numbers = Array.from({ length: 64 * channels }, (_, i) => pixel(seed, i) % (white + 1));
  const header = text(`${kind}\n# made by hand\n8 8\n${white}\n`);
  if (kind === 'P2' || kind === 'P3') return joined(header, text(numbers.join(' ')));
  const wide = white > 255 ? numbers.flatMap((number) => [number >> 8, number & 255]) : numbers;
  return joined(header, Uint8Array.from(wide));
}

function twoClasses(make: (seed: number) => Uint8Array, ending: string): Record<string, Uint8Array> {
  const all: Record<string, Uint8Array> = {};
  for (let n = 0; n < 10; n++) all[`${n < 5 ? 'cat' : 'dog'}/${n}.${ending}`] = make(n);
  return all;
}

test.each(['P2', 'P3', 'P5', 'P6'] as const)('reads pictures of the kind %s', async (kind) => {
  const entries = twoClasses((seed) => netpbm(kind, seed), kind === 'P2' || kind === 'P5' ? 'pgm' : 'ppm');
  const { report, dataset } = await loaded([file('set.zip', zip(entries))], { choices: { testShare: 20 } });
  const channels = kind === 'P2' || kind === 'P5' ? 1 : 3;
  expect(report).toMatchObject({ outcome: 'loaded', shape: [8, 8, channels], classes: ['cat', 'dog'] });
  expect([...dataset.train.images.subarray(0, 5)]).toEqual([0, 1, 2, 3, 4].map((i) => pixel(0, i)));
});

test('scales Netpbm pictures of 16 bits, and leaves out those that are cut off or damaged', async () => {
  const entries = {
    ...twoClasses((seed) => netpbm('P5', seed, 65_535), 'pgm'),
    'cat/cut.pgm': netpbm('P5', 20).subarray(0, 40),
    'cat/huge.pgm': text('P5 9999999 9999999 255\nabc'),
    'cat/wide.pgm': text('P2 4000 4000 255\n1 2 3'),
    'cat/words.pgm': joined(text('P2 2 2 255\n1 2 a'), text(' 4 5 6')),
  };
  const { report, dataset } = await loaded([file('set.zip', zip(entries))]);
  expect(report.trainCounts).toEqual([4, 4]);
  expect(dataset.train.images[3]).toBe(Math.round(pixel(0, 3) / 257));
  const whys = report.skipped.map(({ where, why }) => `${where} ${why}`).join('\n');
  expect(whys).toMatch(/cut\.pgm is cut off: its header states 64 numbers/);
  expect(whys).toMatch(/huge\.pgm has 9,999,999×9,999,999 pixels/);
  expect(whys).toMatch(/wide\.pgm is cut off/);
  expect(whys).toMatch(/words\.pgm is damaged: other things than numbers/);
});

test('reads the arrays of an NPZ inside a zip, and nothing else that lies there', async () => {
  const images = zip({ 'arr_0.npy': npy('|u1', [20, 8, 8], pixels(20, 64)), 'inner.npz': zip({}) });
  const numbers = Uint8Array.from({ length: 20 }, (_, n) => n % 2);
  const outer = zip({
    'set/train-imgs.npz': images,
    'set/train-labels.npz': zip({ 'arr_0.npy': npy('|u1', [20], numbers) }),
  });
  const { report } = await loaded([file('set.zip', outer)]);
  expect(report).toMatchObject({ outcome: 'partial', train: 16, test: 4, shape: [8, 8, 1] });
  expect(report.skipped[0]!.why).toMatch(/no NumPy array/);
});

test('takes arrays without labels for one class each, named by what tells them apart', async () => {
  const entries = Object.fromEntries(
    ['apple', 'aircraft carrier', 'cat'].map((name, n) => [
      `full_numpy_bitmap_${name}.npy`,
      npy('|u1', [10 + n, 64], pixels(10 + n, 64)),
    ]),
  );
  const { report } = await loaded([file('draw.zip', zip(entries))]);
  expect(report).toMatchObject({ classes: ['aircraft carrier', 'apple', 'cat'], train: 27, test: 6 });
  const few = await loaded([file('draw.zip', zip(entries))], { limits: { images: 12 } });
  expect(few.report.train + few.report.test).toBe(12);
  expect(few.report.warnings.join()).toContain('the first 4 of each file were read');
  const masks = {
    'images.npy': entries['full_numpy_bitmap_cat.npy']!,
    'masks.npy': npy('|u1', [12, 64], pixels(12, 64)),
  };
  expect((await refused([file('seg.zip', zip(masks))])).message).toContain('images without labels');
});

test('reads tables with all pixels in one cell, with their split', async () => {
  const usage = ['Training', 'Training', 'Training', 'PublicTest', 'PrivateTest'];
  const rows = Array.from(
    { length: 40 },
    (_, n) => `${n % 2},${[...pixels(1, 64)].map((_, i) => pixel(n, i)).join(' ')},${usage[n % 5]}`,
  );
  const { report } = await loaded([file('fer2013.csv', ['emotion,pixels,Usage', ...rows].join('\n'))]);
  expect(report).toMatchObject({
    outcome: 'loaded',
    train: 32,
    test: 8,
    shape: [8, 8, 1],
    classes: ['0', '1'],
  });
  const cut = await refused([
    file(
      'f.csv',
      ['emotion,pixels', ...rows.map((row, n) => (n % 3 ? row.split(',').slice(0, 2).join() : '1,2 3'))].join(
        '\n',
      ),
    ),
  ]);
  expect(cut.message).toContain('bad rows');
});
