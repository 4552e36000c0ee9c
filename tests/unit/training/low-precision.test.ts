/** Students in low precision: their lines, what is refused or said before a run, and their files. */
import { beforeAll, describe, expect, it } from 'vitest';
import { modelFile } from '../../../src/export/model-file';
import { tf } from '../../../src/engine/tf';
import { integerWeights, roundedNumbers } from '../../../src/nn/graph/integer-weights';
import { readForeignNetwork } from '../../../src/nn/read-weights';
import { RandomStream } from '../../../src/random/streams';
import { roundedWeights } from '../../../src/engine/quantise';
import type { WeightRounding } from '../../../src/engine/ops';
import { planRun } from '../../../src/training/plan';
import { weightsOfCheckpoint } from '../../../src/training/write-weights';
import { useWasm } from '../../support/wasm-in-node';
import { noAssets, ofType, tinyDataset, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

const low = { network: 'cnn-2-4-4', bitsWeights: '2', bitsActivations: '4' };
const notesOf = (student: object, changes: object = {}) =>
  planRun(tinyRecipe({ student, ...changes }), tinyDataset()).facts.notes.join(' ');

describe('a student in low precision', () => {
  it('is trained beside its twin in full precision, which is also measured as rounded', async () => {
    const before = tf.memory().numTensors;
    const { run, events } = await train(
      tinyRecipe({ student: low, schedule: { steps: 40, batch: 12, evaluateEvery: 20, learningRate: 0.02 } }),
    );
    const [finished] = ofType(events, 'finished');
    expect(Object.keys(finished!.final).sort()).toEqual(['control', 'full', 'rounded', 'student', 'teacher']);
    expect(finished!.final.student).toBeGreaterThan(0.3);
    const told = ofType(events, 'step').filter(({ phase }) => phase === 'student');
    expect(told.every(({ values }) => Number.isFinite(values['full']))).toBe(true);

    // At an evaluation: how often each rounded kernel is 0, and how much each rounded activation cuts off.
    const probes = Object.keys(told[19]!.values).filter((name) => /^(zeros|clipped)/.test(name));
    expect(probes.sort()).toEqual([
      'clipped/blocks.0.1',
      'clipped/blocks.1.1',
      'zeros/blocks.1.0',
      'zeros/blocks.2.0',
    ]);
    const view = ofType(events, 'views')
      .at(-1)!
      .views.find((each) => each.view === 'weights')!;
    const [layer] = view.view === 'weights' ? view.layers : [];
    expect(layer!.levels.map(({ at }) => Math.round(at / layer!.range))).toEqual([-1, 0, 1]);
    expect(layer!.levels.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(layer!.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);

    const state = (await run.checkpoint())!;
    const live = (await run.weights('full'))!;
    expect(await weightsOfCheckpoint(state, tinyDataset(), 'full', { fetchAsset: noAssets })).toEqual(live);
    expect(await run.weights('rounded')).toBeNull();
    const student = (await run.weights('student'))!;
    run.dispose();
    expect(tf.memory().numTensors).toBe(before);

    // A file of it says how it is computed; as plain weights it would be another network.
    const wanted = { input: [8, 8, 1] as const, classes: 4 };
    expect(() => readForeignNetwork([{ path: 'a.safetensors', bytes: student }], wanted)).toThrow(
      /low precision/,
    );
    const options = { foldBatchNorm: true, feed: 'normalised' } as const;
    const who = { learner: 'student', run: 'A test' };
    const onnx = modelFile('onnx', new Uint8Array(student), who, options, 'student');
    expect(new TextDecoder('latin1').decode(await onnx.blob.arrayBuffer())).toContain(
      'blocks.1.0.weight/integers',
    );
  });

  it('says how large it is, and what would go wrong, before the run', () => {
    const { facts } = planRun(tinyRecipe({ student: low }), tinyDataset());
    // The kernels of the second and third layer, with a step each; all else at 32 bits.
    const { parameters, bits } = facts.networks.find(({ role }) => role === 'student')!;
    expect(bits).toBe(32 * (parameters - 216) + 2 * 216 + 2 * 32);
    expect(notesOf({ ...low, quantizer: 'wrpn' })).toMatch(/All weights of a layer are 0 at 2 bits/);
    expect(notesOf({ ...low, quantizer: 'wrpn', bitsWeights: '4' })).not.toMatch(/are 0 at/);
    expect(notesOf(low)).toMatch(/3 levels/);
    expect(notesOf({ ...low, quantizer: 'dorefa' })).toMatch(/4 levels/);
    expect(notesOf({ ...low, network: 'mlp-8' })).toMatch(/nothing but a first and a last layer/);
    expect(notesOf({ ...low, network: 'mlp-8-8' })).toMatch(/no batch norm/);
    expect(notesOf(low, { hints: [{ id: 'kd', knobs: { temperature: 4 } }] })).toMatch(
      /temperature 1 better/,
    );
    expect(notesOf({ network: 'cnn-2-4' })).not.toMatch(/precision|levels/);
  });

  it('refuses activations without a ReLU, and a start from another network, in a sentence', () => {
    expect(() => notesOf({ ...low, network: 'elu-3-4' })).toThrow(/has no ReLU/);
    expect(() => notesOf({ network: 'cnn-2-4', start: 'teacher' })).toThrow(/both must be the same network/);
    expect(() => notesOf({ network: 'cnn-4-8', start: 'teacher' })).not.toThrow();
  });

  it('starts as the rounded teacher in scheme C', async () => {
    const { run, events } = await train(
      tinyRecipe({ student: { network: 'cnn-4-8', start: 'teacher', bitsWeights: '8' } }),
    );
    run.dispose();
    const [first] = ofType(events, 'evaluation').filter(({ phase }) => phase === 'student');
    const { full, teacher, student } = first!.scores['accuracy']!;
    expect(full).toBe(teacher);
    expect(Math.abs(student! - teacher!)).toBeLessThan(0.2);
  });
});

describe('whole numbers of a kernel', () => {
  it.each<WeightRounding>([
    { rule: 'wrpn', bits: 4 },
    { rule: 'scaled', bits: 2 },
    { rule: 'scaled', bits: 8 },
    { rule: 'dorefa', bits: 1 },
    { rule: 'dorefa', bits: 3 },
    { rule: 'dorefa', bits: 8 },
  ])('are those that a layer computes with: %o', async (rounding) => {
    const random = RandomStream.fork(4, 'kernel');
    const kernel = Float32Array.from({ length: 300 }, () => random.normal());
    const rounded = tf.tidy(() => roundedWeights(tf.tensor1d(kernel), rounding));
    const there = Array.from(await rounded.data());
    rounded.dispose();
    const here = roundedNumbers(kernel, rounding);
    expect(Math.max(...there.map((value, i) => Math.abs(value - here[i]!)))).toBeLessThan(1e-6);
    const { integers } = integerWeights(kernel, rounding);
    expect(new Set(integers).size).toBeLessThanOrEqual(2 ** rounding.bits);
  });
});
