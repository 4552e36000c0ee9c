import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { io } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { tf } from '../../../src/engine/tf';
import type { ModelOptions, ModelSource } from '../../../src/export/model-source';
import { tfjsModel } from '../../../src/export/tfjs/tfjs';
import { useWasm } from '../../support/wasm-in-node';
import { images, randomSource, type ImageModel } from './models';
import { testRuntime } from './runtime-cases';

beforeAll(useWasm);

async function load(source: ModelSource, options: ModelOptions) {
  const files = tfjsModel(source, options);
  const json = JSON.parse(files['model.json']) as io.ModelJSON;
  const artifacts = await io.getModelArtifactsForJSON(json, (manifest) =>
    Promise.resolve([io.getWeightSpecs(manifest), files['weights.bin'].buffer] as const),
  );
  return loadGraphModel(io.fromMemory(artifacts));
}

async function logitsOfTfjs(source: ImageModel, options: ModelOptions, batch: Float32Array) {
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

testRuntime('TensorFlow.js’s own loader', logitsOfTfjs);

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
