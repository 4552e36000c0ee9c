import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { io } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { tf } from '../../../src/engine/tf';
import type { ModelOptions, ModelSource } from '../../../src/export/model-source';
import { tfjsModel } from '../../../src/export/tfjs/tfjs';
import { useWasm } from '../../support/wasm-in-node';
import { images, logitsHere, networks, normalised, randomPixels, randomSource, worst } from './models';

beforeAll(useWasm);

async function load(source: ModelSource, options: ModelOptions) {
  const files = tfjsModel(source, options);
  const json = JSON.parse(files['model.json']) as io.ModelJSON;
  const artifacts = await io.getModelArtifactsForJSON(json, (manifest) =>
    Promise.resolve([io.getWeightSpecs(manifest), files['weights.bin'].buffer] as const),
  );
  return loadGraphModel(io.fromMemory(artifacts));
}

async function logitsOfTfjs(source: ModelSource, options: ModelOptions, batch: Float32Array) {
  const model = await load(source, options);
  expect(model.inputs.map(({ name, shape }) => ({ name, shape }))).toEqual([
    { name: 'images', shape: [-1, ...source.input] },
  ]);
  const logits = tf.tidy(() => model.predict(tf.tensor4d(batch, [images, ...source.input])) as tf.Tensor);
  expect(logits.shape).toEqual([images, source.classes.length]);
  const values = await logits.data<'float32'>();
  logits.dispose();
  model.dispose();
  return values;
}

test.each(networks)('%s answers in TensorFlow.js’s own loader as here', async (name) => {
  const source = randomSource(name, [8, 8, 3]);
  const batch = normalised(randomPixels(source), source);
  const here = await logitsHere(source, batch);
  for (const foldBatchNorm of [false, true]) {
    const there = await logitsOfTfjs(source, { foldBatchNorm, feed: 'normalised' }, batch);
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
  const there = await logitsOfTfjs(source, { foldBatchNorm: true, feed: 'pixels' }, pixels);
  expect(worst(there, here)).toBeLessThan(1e-4);
});

test('a model says what it is', async () => {
  const source = randomSource('cnn-4', [8, 8, 1], 3);
  const model = await load(source, { foldBatchNorm: false, feed: 'pixels' });
  expect(model.metadata).toMatchObject({
    network: 'cnn-4',
    classes: '["class 0","class 1","class 2"]',
    mean: '0.4',
    deviation: '0.3',
    layout: 'NHWC',
  });
  model.dispose();
});
