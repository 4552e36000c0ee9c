/** Teachers that are one network without a name of its own: as models for other programs they answer as they taught. */
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { io } from '@tensorflow/tfjs-core';
import { unzipSync } from 'fflate';
import * as ort from 'onnxruntime-web';
import { beforeAll, expect, test } from 'vitest';
import { tf } from '../../../src/engine/tf';
import { modelFile } from '../../../src/export/model-file';
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from '../../../src/nn/safetensors';
import { readForeignModel } from '../../../src/nn/read-weights';
import type { RunContext } from '../../../src/training/context';
import { planRun } from '../../../src/training/plan';
import { teacherKinds } from '../../../src/training/teachers/teacher-kinds';
import { weightsOfCheckpoint } from '../../../src/training/write-weights';
import { noAssets, tinyDataset, tinyRecipe, train } from '../training/tiny';
import { isLong } from '../../support/long';
import { useWasm } from '../../support/wasm-in-node';
import { worst } from './models';

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
  return useWasm();
});

const count = 32;
const options = { foldBatchNorm: true, feed: 'normalised' } as const;
const who = { learner: 'teacher', run: 'A test' };
const short = { epochs: 1, batch: 20 };

async function bytesOf(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.arrayBuffer());
}

/** Trains, and asks the teacher about 32 images [32,8,8,1] of noise. */
async function taught(kind: 'specialists' | 'granular', knobs: object) {
  const recipe = tinyRecipe({ teacher: { kind, knobs: { ...short, ...knobs } } });
  const { run, events } = await train(recipe);
  expect(events.filter(({ type }) => type === 'failed')).toEqual([]);
  const state = await run.checkpoint();
  const safetensors = (await run.weights('teacher'))! as Uint8Array<ArrayBuffer>;
  run.dispose();
  const plan = planRun(recipe, tinyDataset());
  const teacher = await teacherKinds[kind].restore(
    {
      setting: plan,
      plan: plan.teacher!,
      normalisation: { mean: 0.3, deviation: 0.3 },
      context: null as unknown as RunContext,
      fetchAsset: noAssets,
      importedFiles: () => Promise.resolve(null),
    },
    state.teacher!,
  );
  const images = tf.randomNormal<tf.Rank.R4>([count, 8, 8, 1], 0, 1, 'float32', 4);
  const logits = tf.tidy(() => teacher.trace(images, false).logits.clone());
  const [batch, expected] = [await images.data<'float32'>(), await logits.data<'float32'>()];
  tf.dispose([images, logits]);
  teacher.dispose();
  return { state, safetensors, batch, expected };
}

test.each([
  ['specialists', { width: 4, branches: 2, heads: 'faithful', trunk: 4 }],
  ['granular', { source: 'train', network: 'cnn-4-8', mode: 'granular' }],
  ...(isLong
    ? ([
        ['specialists', { width: 4, branches: 3 }],
        ['specialists', { diversity: false, network: 'cnn-4-8', branches: 2, split: 'confusion' }],
        ['granular', { source: 'train', network: 'cnn-4-8', mode: 'stable' }],
      ] as const)
    : []),
] as const)(
  '%s %o leave as ONNX and TensorFlow.js models that answer as they taught',
  async (kind, knobs) => {
    const { state, safetensors, batch, expected } = await taught(kind, knobs);
    expect(await weightsOfCheckpoint(state, tinyDataset(), 'teacher', { fetchAsset: noAssets })).toEqual(
      safetensors,
    );

    const onnx = modelFile('onnx', safetensors, who, options, 'x');
    const session = await ort.InferenceSession.create(await bytesOf(onnx.blob));
    // With one channel [N,C,H,W] and [N,H,W,C] hold the same numbers in the same order.
    const { logits } = await session.run({ images: new ort.Tensor('float32', batch, [count, 1, 8, 8]) });
    expect(worst(logits!.data as Float32Array, expected)).toBeLessThan(1e-4);
    await session.release();

    const files = unzipSync(await bytesOf(modelFile('tfjs', safetensors, who, options, 'x').blob));
    // The page cannot take it apart either, and runs it as it is when it comes back.
    const imported = Object.entries(files).map(([path, bytes]) => ({ path, bytes }));
    expect(readForeignModel(imported)).not.toBeNull();
    const json = JSON.parse(new TextDecoder().decode(files['model.json'])) as io.ModelJSON;
    const artifacts = await io.getModelArtifactsForJSON(json, (manifest) =>
      Promise.resolve([io.getWeightSpecs(manifest), Uint8Array.from(files['weights.bin']!).buffer] as const),
    );
    const model = await loadGraphModel(io.fromMemory(artifacts));
    const said = tf.tidy(() => model.predict(tf.tensor4d(batch, [count, 8, 8, 1])) as tf.Tensor);
    expect(worst(await said.data(), expected)).toBeLessThan(1e-4);
    said.dispose();
    model.dispose();
  },
);

test('weights of such a teacher that do not say what it computes are refused with a sentence', async () => {
  const { safetensors } = await taught('specialists', { width: 4, branches: 2 });
  const { graph, ...rest } = readSafetensorsMetadata(safetensors);
  expect(graph).toBeDefined();
  for (const metadata of [rest, { ...rest, graph: '{"nodes": 3}' }]) {
    const old = writeSafetensors(readSafetensors(safetensors), metadata);
    expect(() => modelFile('onnx', old, who, options, 'x')).toThrow('do not say how their network is made');
  }
});
