import * as ort from 'onnxruntime-web';
import { beforeAll, expect, test } from 'vitest';
import type { ModelOptions } from '../../../src/export/model-source';
import { onnxModel } from '../../../src/export/onnx/onnx';
import { useWasm } from '../../support/wasm-in-node';
import { channelsFirst, images, randomSource, type ImageModel } from './models';
import { testRuntime } from './runtime-cases';

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
  return useWasm();
});

async function logitsOfOnnx(source: ImageModel, options: ModelOptions, batch: Float32Array) {
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

testRuntime('onnxruntime', logitsOfOnnx);

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
