import { describe, expect, test } from 'vitest';
import { torchCheckpoint, torchPair, torchSamples } from '../../support/torch-checkpoint';
import { file, labels, loaded, pixels, refused, zip } from './builders';

const image = 8 * 8;

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
