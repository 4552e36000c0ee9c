/** Models of tables, numbers and several labels answer elsewhere what the page measured, from the data as it stands. */
import * as ort from 'onnxruntime-web';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { io } from '@tensorflow/tfjs-core';
import { unzipSync } from 'fflate';
import { beforeAll, expect, test } from 'vitest';
import { onlyView, type Dataset } from '../../../src/data/dataset';
import { tf } from '../../../src/engine/tf';
import { modelFile } from '../../../src/export/model-file';
import { readSafetensorsMetadata } from '../../../src/nn/safetensors';
import { blobs, hands, labelledRows } from '../../support/task-sets';
import { useWasm } from '../../support/wasm-in-node';
import { ofType, tinyRecipe, train } from '../training/tiny';

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
  return useWasm();
});

const options = { foldBatchNorm: true, feed: 'pixels' } as const;

/** The inputs of the test split as a user has them: columns, or pixels from 0 to 1. */
function inputsOf({ inputs, test: { inputs: of } }: Dataset): Float32Array<ArrayBuffer> {
  const isImage = inputs[onlyView]!.kind === 'image';
  return Float32Array.from(of[onlyView]!.values, (value) => (isImage ? value / 255 : value));
}

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

test.each([
  ['numbers, from images', hands(60, 8), 'cnn-2-4', 'images', 'numbers'],
  ['several labels, from a table', labelledRows(60), 'mlp-8', 'columns', 'logits'],
  ['classes, from a table', blobs(3, 4, 20), 'mlp-8', 'columns', 'logits'],
] as const)('%s', async (_, dataset, network, input, output) => {
  const recipe = tinyRecipe({
    teacher: { kind: 'none' },
    hints: [],
    student: { network },
    schedule: { steps: 20, batch: 12, evaluateEvery: 20, learningRate: 0.02 },
  });
  const { run, events } = await train(recipe, dataset);
  const safetensors = new Uint8Array((await run.weights('student'))!);
  run.dispose();
  const { answers, samples } = ofType(events, 'evaluation').at(-1)!;
  const rows = (answers ?? samples)!.rows;
  const { count } = dataset.test;
  expect(rows).toHaveLength(count);
  const check = (given: Float32Array) => {
    const outputs = given.length / count;
    if (samples) {
      const top = Array.from(rows, (row) => {
        const own = given.subarray(row * outputs, (row + 1) * outputs);
        return own.indexOf(Math.max(...own));
      });
      expect(top).toEqual(Array.from(samples.predicted.student!));
      return;
    }
    const shown = output === 'numbers' ? given : given.map(sigmoid);
    const worst = Math.max(...answers!.answered.student!.map((value, i) => Math.abs(value - shown[i]!)));
    expect(worst).toBeLessThan(output === 'numbers' ? 1e-3 : 1e-5);
  };

  const metadata = readSafetensorsMetadata(safetensors);
  if (dataset.target.kind !== 'class')
    expect(JSON.parse(metadata['targets']!)).toMatchObject({ names: dataset.target.names });
  if (input === 'columns') expect(JSON.parse(metadata['columns']!)).toEqual(['x1', 'x2', 'x3', 'x4']);

  const values = inputsOf(dataset);
  const who = { learner: 'student', run: 'A test' };
  const onnx = modelFile('onnx', safetensors, who, options, 'model');
  const session = await ort.InferenceSession.create(new Uint8Array(await onnx.blob.arrayBuffer()));
  expect([session.inputNames, session.outputNames]).toEqual([[input], [output]]);
  const size = values.length / count;
  const shape = input === 'columns' ? [count, size] : [count, 1, 8, 8];
  const answered = await session.run({ [input]: new ort.Tensor('float32', values, shape) });
  check(answered[output]!.data as Float32Array);
  await session.release();

  const zip = modelFile('tfjs', safetensors, who, options, 'model');
  const files = unzipSync(new Uint8Array(await zip.blob.arrayBuffer()));
  const json = JSON.parse(new TextDecoder().decode(files['model.json'])) as io.ModelJSON;
  expect(new TextDecoder().decode(files['README.md'])).toContain(
    output === 'numbers' ? 'const numbers = model.predict(pixels)' : 'model.predict(rows)',
  );
  const artifacts = await io.getModelArtifactsForJSON(json, (manifest) =>
    Promise.resolve([io.getWeightSpecs(manifest), files['weights.bin']!.slice().buffer] as const),
  );
  const model = await loadGraphModel(io.fromMemory(artifacts));
  const out = tf.tidy(
    () =>
      model.predict(tf.tensor(values, input === 'columns' ? [count, size] : [count, 8, 8, 1])) as tf.Tensor,
  );
  check(await out.data<'float32'>());
  out.dispose();
  model.dispose();
});
