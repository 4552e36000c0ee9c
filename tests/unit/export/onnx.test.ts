import * as ort from 'onnxruntime-web';
import { beforeAll, expect, test } from 'vitest';
import type { ModelOptions, ModelSource } from '../../../src/export/model-source';
import { onnxModel } from '../../../src/export/onnx/onnx';
import { useWasm } from '../../support/wasm-in-node';
import {
  channelsFirst,
  images,
  logitsHere,
  networks,
  normalised,
  randomPixels,
  randomSource,
  worst,
} from './models';

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
  return useWasm();
});

async function logitsOfOnnx(source: ModelSource, options: ModelOptions, batch: Float32Array) {
  const session = await ort.InferenceSession.create(onnxModel(source, options));
  expect(session.inputNames).toEqual(['images']);
  expect(session.outputNames).toEqual(['logits']);
  const [height, width, channels] = source.input;
  const feed = new ort.Tensor('float32', channelsFirst(batch, source.input), [
    images,
    channels,
    height,
    width,
  ]);
  const { logits } = await session.run({ images: feed });
  expect(logits!.dims).toEqual([images, source.classes.length]);
  await session.release();
  return logits!.data as Float32Array;
}

test.each(networks)('%s answers in onnxruntime as here', async (name) => {
  const source = randomSource(name, [8, 8, 3]);
  const batch = normalised(randomPixels(source), source);
  const here = await logitsHere(source, batch);
  expect(Math.max(...here) - Math.min(...here)).toBeGreaterThan(0.1);
  for (const foldBatchNorm of [false, true]) {
    const there = await logitsOfOnnx(source, { foldBatchNorm, feed: 'normalised' }, batch);
    expect(worst(there, here)).toBeLessThan(1e-4);
  }
});

test.each([
  ['resnet8', [14, 10, 1]],
  ['cnn2-4-8-pool', [9, 11, 3]],
  ['elu2-4-8', [9, 11, 3]],
  ['mlp-16', [6, 5, 3]],
] as const)('%s takes pixels from 0 to 1 when asked to', async (name, input) => {
  const source = randomSource(name, [...input], 4);
  const pixels = randomPixels(source);
  const here = await logitsHere(source, normalised(pixels, source));
  const there = await logitsOfOnnx(source, { foldBatchNorm: true, feed: 'pixels' }, pixels);
  expect(worst(there, here)).toBeLessThan(1e-4);
});

test('folding leaves no batch norm behind a convolution, and keeps those after a sum', () => {
  const operators = (name: string, foldBatchNorm: boolean) => {
    const source = randomSource(name, [8, 8, 1], 3);
    const text = new TextDecoder('latin1').decode(onnxModel(source, { foldBatchNorm, feed: 'normalised' }));
    return text.split('BatchNormalization').length - 1;
  };
  expect(operators('resnet8', false)).toBe(9);
  expect(operators('resnet8', true)).toBe(0);
  expect(operators('wrn_16_1', false)).toBe(13);
  expect(operators('wrn_16_1', true)).toBe(7);
});

test('weights of another network are refused with a sentence', () => {
  const source = { ...randomSource('resnet8', [8, 8, 1]), network: 'resnet14' };
  expect(() => onnxModel(source, { foldBatchNorm: false, feed: 'pixels' })).toThrow(
    'The weights lack “layer1.1.conv1.weight”.',
  );
});
