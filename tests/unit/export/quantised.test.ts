/** Networks in eight bits: what becomes whole numbers, and that onnxruntime's answers stay near those of the float model. */
import * as ort from 'onnxruntime-web';
import { beforeAll, expect, test } from 'vitest';
import { foldBatchNorms } from '../../../src/export/graph/fold';
import { quantisationOf, quantisedValues } from '../../../src/export/graph/quantise';
import { graphOfSource } from '../../../src/export/model-source';
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from '../../../src/nn/safetensors';
import { aboutToMetadata, writtenToMetadata } from '../../../src/nn/weights-about';
import { modelCheck, modelScores } from '../../../src/training/model-check';
import { sessionsOf } from '../../../src/training/onnx/runtime';
import type { ModelFormat } from '../../../src/export/exported-file';
import { modelFile } from '../../../src/export/model-file';
import { compareTfjs } from '../../../src/training/compare-tfjs';
import { compareOnnx } from '../../../src/worker/compare-onnx';
import { quantiseModel } from '../../../src/worker/quantise-model';
import { hands } from '../../support/task-sets';
import { isLong } from '../../support/long';
import { useWasm } from '../../support/wasm-in-node';
import { noAssets, tinyDataset, tinyRecipe, train } from '../training/tiny';
import { inRoundedForm, logitsHere, networks, normalised, randomPixels, randomSource, worst } from './models';

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
  return useWasm();
});

const open = sessionsOf(ort);
const pause = () => Promise.resolve();

/** Convolutions and dense layers, sums with batch norms behind them, and no convolution at all; the others take long. */
const few = ['cnn-4-8-16', 'mlp-16', 'wrn_16_1'];

async function quantised(source: ReturnType<typeof randomSource>) {
  const { network, input, classes, normalisation, weights, written } = source;
  const batch = normalised(randomPixels(source), source);
  const safetensors = writeSafetensors([...weights], {
    ...aboutToMetadata({ network, input, classes: [...classes], normalisation }),
    ...(written ? writtenToMetadata(written) : {}),
  });
  const answers = await logitsHere(source, batch);
  const check = { shape: input, calibration: batch, test: batch, answers, normalisation };
  const order = { safetensors, learner: 'student', run: 'A test', feed: 'pixels' as const, check };
  return quantiseModel(order, open, pause);
}

test.each(isLong ? networks : few)(
  '%s in eight bits answers nearly as in float, and the float model as here',
  async (network) => {
    const made = await quantised(randomSource(network, [8, 8, 3]));
    expect(made.loadedBack.difference).toBeLessThan(1e-4);
    expect(made.loadedBack.instances).toBe(8);
    const [float, int8] = made.answers;
    // Noise through random layers is the worst that there is.
    expect(worst(int8, float)).toBeLessThan(0.2);
    expect(worst(int8, float)).toBeGreaterThan(0);
    const text = new TextDecoder('latin1').decode(made.bytes);
    expect(text).toContain('QuantizeLinear');
  },
);

test('kernels that are made of whole numbers keep them, with one step', () => {
  const precision = { weights: 4, activations: 4, rule: 'scaled', exempt: true } as const;
  const source = inRoundedForm(randomSource('cnn-4-6-8', [8, 8, 3]), precision);
  const graph = foldBatchNorms(graphOfSource(source));
  const ranges = new Map(quantisedValues(graph).map((name) => [name, [0, 1] as const]));
  const { kernels } = quantisationOf(graph, ranges);
  const rounded = [...graph.weights].filter(([, { integers }]) => integers);
  expect(rounded.length).toBeGreaterThan(0);
  for (const [name, { torch }] of rounded) {
    const { integers, scales, axis } = kernels.get(name)!;
    expect(axis).toBeNull();
    expect(
      worst(
        Float32Array.from(integers, (value) => value * scales[0]!),
        torch,
      ),
    ).toBeLessThan(1e-6);
  }
});

test('a unit of a far larger range than the others costs all accuracy in eight bits, which is measured before anything is saved', async () => {
  const dataset = tinyDataset();
  const recipe = tinyRecipe({
    ...{ teacher: { kind: 'none' }, hints: [], student: { network: 'mlp-16' } },
    schedule: { steps: 60, batch: 12, evaluateEvery: 60, learningRate: 0.02 },
  });
  const { run } = await train(recipe, dataset);
  const file = (await run.weights('student'))!;
  const own = (await run.answers('student'))!;
  run.dispose();
  // The first hidden unit is a thousand times as large and counts for a thousandth: the network is the same.
  const scaled = readSafetensors(file).map(({ name, shape, data }) => {
    const ofFirst = (i: number) => (name === 'fc.weight' ? i % shape[1]! === 0 : i < data.length / shape[0]!);
    const factor = name === 'fc.weight' ? 1e-3 : name.startsWith('layers.0') ? 1e3 : 1;
    return { name, shape, data: data.map((value, i) => (ofFirst(i) ? value * factor : value)) };
  });
  const safetensors = writeSafetensors(scaled, readSafetensorsMetadata(file));
  const help = { fetchAsset: noAssets };
  const check = await modelCheck(recipe, dataset, 'student', own, help);
  const order = { safetensors, learner: 'student', run: 'A test', feed: 'pixels' as const, check };
  const made = await quantiseModel(order, open, pause);
  expect(made.loadedBack.difference).toBeLessThan(1e-4);
  const { scores } = await modelScores(recipe, dataset, made.answers, help);
  expect(scores).toEqual([1, 0.25]);
});

test.each([
  ['classes', tinyDataset(), 'cnn-4-8'],
  ['a number', hands(60, 8), 'cnn-4-8'],
] as const)(
  'of a trained network that answers with %s the scores are those of its run',
  async (_, dataset, network) => {
    const recipe = tinyRecipe({
      ...{ teacher: { kind: 'none' }, hints: [], student: { network } },
      schedule: { steps: 30, batch: 12, evaluateEvery: 30, learningRate: 0.02 },
    });
    const { run, events } = await train(recipe, dataset);
    const safetensors = new Uint8Array((await run.weights('student'))!);
    const own = (await run.answers('student'))!;
    run.dispose();
    const help = { fetchAsset: noAssets };
    const check = await modelCheck(recipe, dataset, 'student', own, help);
    const order = { safetensors, learner: 'student', run: 'A test', feed: 'pixels' as const, check };
    const made = await quantiseModel(order, open, pause);
    expect(made.loadedBack).toMatchObject({ instances: Math.min(32, dataset.test.count) });
    expect(made.loadedBack.difference).toBeLessThan(1e-4);
    const { scores, agreement } = await modelScores(recipe, dataset, made.answers, help);
    const finished = events.find((event) => event.type === 'finished')!;
    expect(scores[0]).toBeCloseTo(finished.final.student!, 4);
    expect(Math.abs(scores[1]! - scores[0]!)).toBeLessThan(0.1 * Math.max(1, scores[0]!));
    expect(agreement[0]).toBe(dataset.target.kind === 'number' ? 0 : 1);
    expect(made.bytes.length).toBeGreaterThan(0);
    for (const feed of ['pixels', 'normalised'] as const) {
      const saved = async (format: ModelFormat) => {
        const options = { feed, foldBatchNorm: true };
        const { blob } = modelFile(format, safetensors, { learner: 'student', run: 'A test' }, options, 'x');
        return new Uint8Array(await blob.arrayBuffer());
      };
      const model = await saved('onnx');
      const found = [
        await compareOnnx({ model, safetensors, feed, check }, open, pause),
        (await compareTfjs(await saved('tfjs'), feed, check))!,
      ];
      for (const { difference, instances } of found) {
        expect(difference).toBeLessThan(1e-4);
        expect(instances).toBe(Math.min(32, dataset.test.count));
      }
      const others = { ...check, answers: check.answers.map((value) => -value) };
      const wrong = await compareOnnx({ model, safetensors, feed, check: others }, open, pause);
      expect(wrong.difference).toBeGreaterThan(1);
    }
  },
);
