/** Keras models that were made elsewhere, as people bring them. */
import * as layers from '@tensorflow/tfjs-layers';
import { expect } from 'vitest';
import type { BackendName } from '../../../src/engine/backend-names';
import { chooseBackend } from '../../../src/engine/backends';
import { tf } from '../../../src/engine/tf';
import type { WeightFile } from '../../../src/nn/read-weights';
import { inspectTeacher } from '../../../src/training/inspect-teacher';
import { tinyDataset } from '../../unit/training/tiny';

const encoded = (json: object) => new TextEncoder().encode(JSON.stringify(json));

/** A Keras model with a softmax at its end; weights in three shards, in halves or quantised to bytes. */
async function kerasModel(): Promise<{ files: WeightFile[]; quantised: WeightFile[] }> {
  const model = layers.sequential();
  model.add(layers.layers.conv2d({ inputShape: [8, 8, 1], filters: 4, kernelSize: 3, activation: 'relu' }));
  model.add(layers.layers.batchNormalization());
  model.add(layers.layers.maxPooling2d({ poolSize: 2 }));
  model.add(layers.layers.flatten());
  model.add(layers.layers.dense({ units: 4, activation: 'softmax' }));
  let files: WeightFile[] = [];
  let quantised: WeightFile[] = [];
  await model.save({
    save: async ({ modelTopology, weightSpecs, weightData }) => {
      const bytes = new Uint8Array(weightData as ArrayBuffer);
      const paths = [1, 2, 3].map((n) => `group1-shard${n}of3.bin`);
      const third = Math.ceil(bytes.length / 3);
      files = [
        // Not in their order, as a file dialog may give them.
        ...[2, 0, 1].map((n) => ({ path: paths[n]!, bytes: bytes.slice(n * third, (n + 1) * third) })),
        {
          path: 'teacher.json',
          bytes: encoded({
            format: 'layers-model',
            modelTopology,
            weightsManifest: [{ paths, weights: weightSpecs }],
          }),
        },
      ];
      // Values from -2 to 2 in 256 steps.
      const [scale, min] = [4 / 255, -2];
      const floats = new Float32Array(bytes.slice().buffer);
      const weights = weightSpecs!.map((spec) => ({
        ...spec,
        quantization: { dtype: 'uint8', scale, min, original_dtype: 'float32' },
      }));
      quantised = [
        {
          path: 'model.json',
          bytes: encoded({
            format: 'layers-model',
            modelTopology,
            weightsManifest: [{ paths: ['w.bin'], weights }],
          }),
        },
        {
          path: 'w.bin',
          bytes: Uint8Array.from(floats, (value) => Math.round((value - min) / scale)),
        },
      ];
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  });
  model.dispose();
  return { files, quantised };
}

/** A model in shards and a quantised one have the accuracy that they have on the cpu backend. */
export async function expectSameAccuracy(name: BackendName): Promise<void> {
  await chooseBackend('cpu');
  const { files, quantised } = await kerasModel();
  const found: number[][] = [];
  for (const backend of ['cpu', name] as const) {
    await chooseBackend(backend);
    const before = tf.memory().numTensors;
    const accuracies = [];
    for (const model of [files, quantised]) {
      const { accuracy, answers } = await inspectTeacher(model, tinyDataset());
      expect(answers).toBe('probabilities');
      accuracies.push(accuracy);
    }
    expect(tf.memory().numTensors).toBe(before);
    found.push(accuracies);
  }
  expect(found[1]).toEqual(found[0]);
}
