/** Batches put together on the device hold the same bits as batches made by the processor. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { drawMoves, ImageSource } from '../../../src/distill/modalities/image/image-source';
import { plainView, type InputView } from '../../../src/distill/modalities/input-view';
import { datasetOfImages, type ImageSplit } from '../../../src/data/labelled-images';
import { chooseBackend } from '../../../src/engine/backends';
import { tf } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import { RandomStream } from '../../../src/random/streams';
import { batchInputs, type InputRows } from '../../../src/training/batch-inputs';

function pictures(side: number, channels: number, block: InputView['block'], count = 11): InputRows {
  const random = RandomStream.fork(5, `pictures/${side}/${channels}`);
  const images = Uint8Array.from({ length: count * side * side * channels }, () => random.below(256));
  const split: ImageSplit = { images, labels: new Int32Array(count), count };
  const dataset = datasetOfImages({
    id: 'upload',
    title: '',
    height: side,
    width: side,
    channels,
    classes: ['one', 'two'],
    train: split,
    test: split,
  });
  return {
    source: new ImageSource(dataset, { ...plainView, block }),
    split: dataset.train,
    normalisation: { mean: 0.31, deviation: 0.27 },
  };
}

let tensors = 0;
beforeAll(async () => {
  await chooseBackend('webgpu');
  expect(tf.getBackend()).toBe('webgpu');
  tensors = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensors));

const chosen = Int32Array.of(3, 10, -1, 0, 7, 3);

describe.each([
  { side: 8, channels: 1, block: 1 },
  { side: 6, channels: 3, block: 1 },
  { side: 10, channels: 1, block: 2 },
  { side: 6, channels: 3, block: 2 },
  { side: 12, channels: 1, block: 4 },
] as const)('images of $side×$side×$channels, blocks of $block', ({ side, channels, block }) => {
  it.each([
    ['as they are', null],
    ['shifted', { shift: 2, flip: false }],
    ['shifted and mirrored', { shift: 1, flip: true }],
  ] as const)('%s', async (_, augmentation) => {
    const from = pictures(side, channels, block);
    const moves =
      augmentation &&
      drawMoves({ ...augmentation, random: RandomStream.fork(1, 'augmentation') }, chosen.length);
    const expected = from.source.batch(from.split, chosen, from.normalisation, moves);
    const picked = batchInputs(from, chosen.length);
    const values = await withValidation(async () => {
      picked.write(chosen, moves);
      const images = tf.tidy(() => picked.tensor());
      const numbers = await images.data<'float32'>();
      images.dispose();
      return numbers;
    });
    picked.dispose();
    expect([...values]).toEqual([...expected]);
  });
});
