import { describe, expect, test } from 'vitest';
import { torchCheckpoint, torchPair, torchSamples } from '../../support/torch-checkpoint';
import { file, labels, loaded, pixels, refused, zip } from './builders';

const image = 8 * 8;

/** A pickle of Python 2, whose texts and bytes are one kind: lists of texts and of numbers, and an array of bytes. */
function pickled(entries: Record<string, string | readonly number[] | { rows: number; bytes: Uint8Array }>) {
  const short = (own: string) => `U${String.fromCharCode(own.length)}${own}`;
  const int = (n: number) => `J${String.fromCharCode(n & 255, (n >> 8) & 255, (n >> 16) & 255, n >> 24)}`;
  const array = ({ rows, bytes }: { rows: number; bytes: Uint8Array }) =>
    `cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\x85${short('b')}tR(K\x01${int(rows)}${int(bytes.length / rows)}\x86` +
    `cnumpy\ndtype\n(${short('u1')}K\0K\x01tR(K\x03${short('|')}NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89` +
    `T${int(bytes.length).slice(1)}${String.fromCharCode(...bytes)}tb`;
  const items = Object.entries(entries).map(([key, content]) => {
    if (typeof content === 'string') return `${short(key)}(${content.split(' ').map(short).join('')}l`;
    return short(key) + ('rows' in content ? array(content) : `(${content.map(int).join('')}l`);
  });
  return Uint8Array.from(`\x80\x02}(${items.join('')}u.`, (letter) => letter.charCodeAt(0));
}

describe('Python pickles', () => {
  const batch = (count: number) =>
    pickled({
      data: { rows: count, bytes: pixels(count, 3 * image) },
      filenames: labels(count, count)
        .map((n) => `f${n}.png`)
        .join(' '),
      fine_labels: labels(count, 4),
      coarse_labels: labels(count, 2),
    });

  test('of arrays are read as those of CIFAR, with the names of the labels that are taken', async () => {
    const meta = pickled({ coarse_label_names: 'x y', fine_label_names: 'a b c d' });
    const entries = { 'py/train': batch(40), 'py/test': batch(20), 'py/meta': meta };
    const { report, dataset } = await loaded([file('set.zip', zip(entries))]);
    expect(report).toMatchObject({ format: 'Python pickle in a zip', train: 40, test: 20, shape: [8, 8, 3] });
    expect(report.classes).toEqual(['a', 'b', 'c', 'd']);
    expect([...dataset.test.labels.subarray(0, 5)]).toEqual([0, 1, 2, 3, 0]);
  });

  test('in counted parts are one set', async () => {
    const names = ['data_batch_1', 'data_batch_2', 'test_batch'];
    const part = (count: number) =>
      pickled({
        data: { rows: count, bytes: pixels(count, 3 * image) },
        labels: labels(count, 4),
        filenames: labels(count, count)
          .map((n) => `f${n}.png`)
          .join(' '),
      });
    const { report } = await loaded(names.map((name) => file(`py/${name}`, part(20))));
    expect(report).toMatchObject({ outcome: 'loaded', train: 40, test: 20 });
    expect(report.guesses.some(({ id }) => id === 'set')).toBe(false);
  });

  test('that hold a program are refused by its name', async () => {
    const program = Uint8Array.from('\x80\x02cos\nsystem\n(X\x02\0\0\0idtR.', (c) => c.charCodeAt(0));
    const { message } = await refused([file('a.pkl', program)]);
    expect(message).toMatch(/“os\.system”.*ever called.*pickle\.load/);
  });
});

describe('files of PyTorch', () => {
  test('reads a tuple of images and labels for each split', async () => {
    const train = torchPair([80, 8, 8], pixels(80, image), labels(80, 4));
    const held = torchPair([40, 8, 8], pixels(40, image), labels(40, 4));
    const { report, dataset } = await loaded([file('training.pt', train), file('test.pt', held)]);
    expect(report).toMatchObject({
      outcome: 'loaded',
      format: 'PyTorch',
      train: 80,
      test: 40,
      shape: [8, 8, 1],
    });
    expect([...dataset.train.images.subarray(0, image)]).toEqual([...pixels(1, image)]);
    expect([...dataset.train.labels.subarray(0, 5)]).toEqual([0, 1, 2, 3, 0]);
  });

  test('reads a list of samples, of channels first', async () => {
    const { report } = await loaded([file('set.pt', torchSamples(60, [3, 8, 8], labels(60, 3)))]);
    expect(report).toMatchObject({ outcome: 'loaded', train: 48, test: 12, shape: [8, 8, 3] });
  });

  test('lies in an archive', async () => {
    const archive = zip({ 'x/set.pt': torchPair([40, 8, 8], pixels(40, image), labels(40, 4)) });
    const { report } = await loaded([file('set.zip', archive)]);
    expect(report).toMatchObject({ outcome: 'loaded', format: 'PyTorch in a zip', train: 32, test: 8 });
  });

  test.each([
    [
      'weights',
      torchCheckpoint([{ name: 'conv.weight', shape: [2, 2], data: new Float32Array(4) }]),
      'holds the weights of a network and no data',
    ],
    [
      'a program',
      zip({
        'archive/data.pkl': Uint8Array.from('\x80\x02cos\nsystem\n(X\x02\x00\x00\x00idtR.', (c) =>
          c.charCodeAt(0),
        ),
      }),
      'holds “os.system”, which is neither a tensor nor a plain container',
    ],
    ['a cut', torchPair([40, 8, 8], pixels(40, image), labels(40, 4)).subarray(0, 500), 'cut off'],
  ])('refuses %s in words', async (_, bytes, why) => {
    expect(JSON.stringify(await refused([file('set.pt', bytes)]))).toContain(why);
  });
});
