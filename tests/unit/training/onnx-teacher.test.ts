/** ONNX models as teachers: exported here, run by onnxruntime, and taught from. */
import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { onlyView, type Dataset } from '../../../src/data/dataset';
import { readSafetensors } from '../../../src/nn/safetensors';
import { modelFile } from '../../../src/export/model-file';
import { integerTensor, model, node, value } from '../../../src/export/onnx/proto';
import { Message } from '../../../src/export/onnx/protobuf';
import type { ModelOptions } from '../../../src/export/model-source';
import { inspectTeacher } from '../../../src/training/inspect-teacher';
import { keptShape, type Inner, type OnnxChoices, type OnnxFound } from '../../../src/training/onnx/about';
import { answerFiles } from '../../../src/training/onnx/answer-files';
import { asKept, channelOrders } from '../../../src/training/onnx/inner';
import { inspectModel, modelFilesOf } from '../../../src/training/onnx/inspect';
import { readModel } from '../../../src/training/onnx/model-file';
import { sessionsOf } from '../../../src/training/onnx/runtime';
import { hands } from '../../support/task-sets';
import { useWasm } from '../../support/wasm-in-node';
import { noAssets, ofType, tinyDataset, tinyRecipe, train } from './tiny';

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
  return useWasm();
});

const open = sessionsOf(ort);
const now = () => Promise.resolve();

/** A trained student as an ONNX file, with its own answers. */
async function exported(
  dataset: Dataset,
  network: string,
  feed: ModelOptions['feed'],
): Promise<{ bytes: Uint8Array; answers: Float32Array }> {
  const recipe = tinyRecipe({
    teacher: { kind: 'none' },
    hints: [],
    student: { network },
    schedule: { steps: 30, batch: 12, evaluateEvery: 30, learningRate: 0.02 },
  });
  const { run } = await train(recipe, dataset);
  const safetensors = new Uint8Array((await run.weights('student'))!);
  const { train: answers, scale } = (await run.answers('student'))!;
  run.dispose();
  const about = { learner: 'student', run: 'A test' };
  const { blob } = modelFile('onnx', safetensors, about, { foldBatchNorm: true, feed }, 'student');
  const inUnit = scale
    ? answers.map((v, i) => v * scale.deviation[i % scale.mean.length]! + scale.mean[i % scale.mean.length]!)
    : answers;
  return { bytes: new Uint8Array(await blob.arrayBuffer()), answers: inUnit };
}

async function asked(bytes: Uint8Array, dataset: Dataset) {
  const files = modelFilesOf([{ path: 'net.onnx', bytes }]);
  const found = await inspectModel(files, dataset, open, now);
  const choices = (more: Partial<OnnxChoices> = {}): OnnxChoices => ({
    ...found.tried[0]!,
    output: found.outputs[0]!,
    stages: [],
    embedding: null,
    side: null,
    ...more,
  });
  return {
    found,
    filesFor: async (more: Partial<OnnxChoices> = {}) =>
      (await answerFiles(files, choices(more), dataset, open, now)).files,
  };
}

const best = ({ tried: [first] }: OnnxFound) => first!;

describe('a model of images', () => {
  const dataset = tinyDataset();
  let student: Awaited<ReturnType<typeof exported>>;
  beforeAll(async () => {
    student = await exported(dataset, 'cnn-4-8', 'normalised');
  });

  it('is given its input as it was trained, and answers as it did here', async () => {
    const { found, filesFor } = await asked(student.bytes, dataset);
    expect(best(found).fit).toMatchObject({ layout: 'CHW', height: 8, width: 8, channels: 1 });
    expect(best(found).scaling.id).toBe('own');
    const files = await filesFor();
    const recipe = tinyRecipe({
      hints: [{ id: 'kd', weight: 1 }],
      teacher: { kind: 'recorded', knobs: { file: 'ab' } },
    });
    const { run, events } = await train(recipe, dataset, undefined, {
      fetchAsset: noAssets,
      importedFiles: () => Promise.resolve(files),
    });
    expect(ofType(events, 'failed')).toEqual([]);
    const said = (await run.answers('teacher'))!.train;
    run.dispose();
    const worst = Math.max(...said.map((v, i) => Math.abs(v - student.answers[i]!)));
    expect(worst).toBeLessThan(1e-5 * Math.max(...student.answers.map(Math.abs)));
  });

  it('shows what goes on inside it, which feature losses read', async () => {
    const { found, filesFor } = await asked(student.bytes, dataset);
    expect(found.proposal.stages).not.toEqual([]);
    expect(found.proposal.embedding).not.toBeNull();
    const files = await filesFor(found.proposal);
    const { maps } = await inspectTeacher(files, dataset);
    expect(maps).toMatch(/^\d+x\d+x\d+.* \| \d+$/);
    for (const [id, said] of [
      ['fitnet', null],
      ['at', null],
      ['rkd', null],
      ['ofd', /feature maps before the activation/],
    ] as const) {
      const recipe = tinyRecipe({
        hints: [{ id, weight: 1 }],
        teacher: { kind: 'recorded', knobs: { file: 'ab', fileMaps: maps } },
      });
      const { run, events } = await train(recipe, dataset, undefined, {
        fetchAsset: noAssets,
        importedFiles: () => Promise.resolve(files),
      });
      run.dispose();
      const [failed] = ofType(events, 'failed');
      if (said) expect(failed?.message).toMatch(said);
      else expect(failed?.message).toBeUndefined();
    }
  });

  it('is not taken for answers on another set of the same size', async () => {
    const { filesFor } = await asked(student.bytes, dataset);
    const files = await filesFor();
    const { target } = dataset;
    const other = { ...dataset, target: { ...target, names: ['a', 'b', 'c', 'd'] } } as Dataset;
    const recipe = tinyRecipe({
      hints: [{ id: 'kd', weight: 1 }],
      teacher: { kind: 'recorded', knobs: { file: 'ab' } },
    });
    const { run, events } = await train(recipe, other, undefined, {
      fetchAsset: noAssets,
      importedFiles: () => Promise.resolve(files),
    });
    run.dispose();
    expect(ofType(events, 'failed')[0]!.message).toMatch(/on another set than “Bars”/);
    await expect(inspectTeacher(files, other)).rejects.toThrow(/on another set than “Bars”/);
  });

  it('is refused in words', async () => {
    const short = student.bytes.subarray(0, 200);
    const text = (words: string) => new TextEncoder().encode(words);
    const single = (op: string, outputs: number) =>
      model(
        {
          name: 'one',
          nodes: [node(op, ['x'], 'y')],
          weights: [],
          inputs: [value('x', [1, 8, 8])],
          outputs: [value('y', [outputs])],
        },
        {},
      ).finish();
    for (const [bytes, said] of [
      [short, /is no whole ONNX model: the file ends within/],
      [text('<!doctype html><p>Not found'), /is a web page/],
      [text('version https://git-lfs.github.com/spec/v1'), /pointer of Git LFS/],
      [single('Hermite', 4), /Hermite/],
      [single('Flatten', 64), /gives 64 numbers for an instance, and this set has 4 classes/],
    ] as const)
      await expect(asked(bytes, dataset)).rejects.toThrow(said);
    await expect(asked(student.bytes, hands(40))).rejects.toThrow(/this set has/);
  });
});

it('keeps maps as a trace holds them, averaged where there is little room', () => {
  const map: Inner = { name: 'a', op: 'Relu', shape: [3, 2, 2], layout: 'map' };
  // Two channels of three rows and two columns.
  const values = Float32Array.of(0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15);
  expect([...asKept(map, values, null)]).toEqual([0, 10, 1, 11, 2, 12, 3, 13, 4, 14, 5, 15]);
  expect(keptShape(map, 2)).toEqual([2, 1, 2]);
  expect([...asKept(map, values, 2)]).toEqual([1.5, 11.5, 4.5, 14.5]);
});

describe('an input', () => {
  const dataset = tinyDataset();
  const pool = (...size: number[]) => ({ kernel_shape: { ints: size }, strides: { ints: size } });
  /** Brightness of each quarter of the columns, from "planes" [N,1,h,w]; that of class k is highest where k is right. */
  const quarters = (side = 8) => node('AveragePool', ['planes'], 'pooled', pool(side, side / 4));
  const flat = node('Flatten', ['pooled'], 'y');
  const graph = (
    input: { type?: number; sides: (number | null)[] },
    nodes: Parameters<typeof model>[0]['nodes'],
    weights: Parameters<typeof model>[0]['weights'] = [],
  ) => {
    const sides = new Message();
    for (const side of input.sides)
      sides.message(1, side === null ? new Message().text(2, 'free') : new Message().int(1, side));
    const tensor = new Message().int(1, input.type ?? 1).message(2, sides);
    const port = new Message().text(1, 'x').message(2, new Message().message(1, tensor));
    return model({ name: 'bars', nodes, weights, inputs: [port], outputs: [value('y', [4])] }, {}).finish();
  };
  const same = node('Identity', ['x'], 'planes');

  it.each([
    [
      'of one instance alone',
      graph({ sides: [1, 1, 8, 8] }, [same, quarters(), flat]),
      /fixes the batch.* 1 at/,
    ],
    [
      'that is free where the graph is not',
      graph(
        { sides: [null, 1, 8, 8] },
        [same, quarters(), node('Reshape', ['pooled', 'shape'], 'y')],
        [integerTensor('shape', [1, 4])],
      ),
      /channels first/,
    ],
    [
      'with channels last',
      graph({ sides: [null, 8, 8, 1] }, [
        node('Transpose', ['x'], 'planes', { perm: { ints: [0, 3, 1, 2] } }),
        quarters(),
        flat,
      ]),
      /channels last/,
    ],
    [
      'of larger pictures in colour',
      graph({ sides: [null, 3, 16, 16] }, [
        node('ReduceMean', ['x'], 'planes', { axes: { ints: [1] }, keepdims: { int: 1 } }),
        quarters(16),
        flat,
      ]),
      /resized from 8 × 8 to 16 × 16.*shown to it as colour/,
    ],
    [
      'of bytes',
      graph({ type: 2, sides: [null, 1, 8, 8] }, [
        node('Cast', ['x'], 'planes', { to: { int: 1 } }),
        quarters(),
        flat,
      ]),
      /channels first/,
    ],
    [
      'in half precision',
      graph({ type: 10, sides: [null, 1, 8, 8] }, [
        node('Cast', ['x'], 'planes', { to: { int: 1 } }),
        quarters(),
        flat,
      ]),
      /channels first/,
    ],
    [
      'in a row, with probabilities',
      graph(
        { sides: [null, 64] },
        [
          node('Reshape', ['x', 'shape'], 'planes'),
          quarters(),
          node('Flatten', ['pooled'], 'flat'),
          node('Softmax', ['flat'], 'y', { axis: { int: 1 } }),
        ],
        [integerTensor('shape', [-1, 1, 8, 8])],
      ),
      /one row/,
    ],
  ])('%s is given as the model reads it', async (name, bytes, said) => {
    const { found, filesFor } = await asked(bytes, dataset);
    expect(found.notes.join(' ')).toMatch(said);
    expect(best(found).score).toBe(1);
    const files = await filesFor();
    const { members, answers } = await inspectTeacher(files, dataset);
    expect(members).toMatchObject([{ train: 1, test: 1 }]);
    expect(answers).toBe(name.includes('probabilities') ? 'probabilities' : 'logits');
  });
});

describe('maps behind a transposition', () => {
  const dataset = tinyDataset();

  it('have their channels where the graph says', async () => {
    const last = { perm: { ints: [0, 2, 3, 1] } };
    // Quarters of the columns as four channels of a map of 1x4, once in either order.
    const pool = { kernel_shape: { ints: [8, 2] }, strides: { ints: [8, 2] } };
    const bytes = model(
      {
        name: 'bars',
        nodes: [
          node('AveragePool', ['x'], 'pooled', pool),
          node('Concat', ['pooled', 'pooled', 'pooled'], 'three', { axis: { int: 1 } }),
          node('Transpose', ['three'], 'turned', last),
          node('Relu', ['turned'], 'behind'),
          node('Transpose', ['behind'], 'back', { perm: { ints: [0, 3, 1, 2] } }),
          node('Relu', ['back'], 'front'),
          node('ReduceMean', ['front'], 'mean', { axes: { ints: [1] }, keepdims: { int: 0 } }),
          node('Flatten', ['mean'], 'y'),
        ],
        weights: [],
        inputs: [value('x', [1, 8, 8])],
        outputs: [value('y', [4])],
      },
      {},
    ).finish();
    const { found, filesFor } = await asked(bytes, dataset);
    const maps = found.inner.filter(({ layout }) => layout === 'map');
    expect(maps.find(({ name }) => name === 'behind')).toMatchObject({ shape: [1, 4, 3], order: 'last' });
    expect(maps.find(({ name }) => name === 'front')!.shape).toEqual([1, 4, 3]);
    const files = await filesFor({ stages: ['behind', 'front', 'behind'], side: null });
    const [behind, front, again] = readSafetensors(files[1]!.bytes);
    expect(behind!.data).toEqual(front!.data);
    expect(again!.data).toEqual(front!.data);
    expect(front!.data.some((number) => number > 0)).toBe(true);
  });

  it('are followed through what keeps the axes', () => {
    const step = (op: string, inputs: string[], output: string, axes?: number[]) => ({
      op,
      name: op,
      inputs,
      outputs: [output],
      ...(axes ? { axes } : {}),
    });
    const orders = channelOrders({
      nodes: [
        step('Transpose', ['x'], 'planes', [0, 3, 1, 2]),
        step('Conv', ['planes', 'w'], 'conv'),
        step('Transpose', ['conv'], 'rows', [0, 2, 3, 1]),
        step('LayerNormalization', ['rows', 'scale'], 'norm'),
        step('MatMul', ['norm', 'm'], 'product'),
        step('Add', ['bias', 'product'], 'sum'),
        step('Transpose', ['sum'], 'again', [0, 3, 1, 2]),
        step('Add', ['conv', 'again'], 'rest'),
        step('Reshape', ['rest', 'shape'], 'anew'),
      ],
    });
    expect(Object.fromEntries(orders)).toEqual({
      planes: 'first',
      conv: 'first',
      rows: 'last',
      norm: 'last',
      product: 'last',
      sum: 'last',
      again: 'first',
      rest: 'first',
    });
    const map: Inner = { name: 'a', op: 'Add', shape: [3, 2, 2], layout: 'map', order: 'last' };
    const values = Float32Array.of(0, 10, 1, 11, 2, 12, 3, 13, 4, 14, 5, 15);
    expect([...asKept(map, values, null)]).toEqual([...values]);
    expect([...asKept(map, values, 2)]).toEqual([1.5, 11.5, 4.5, 14.5]);
  });
});

it('of numbers answers in the unit of the target', async () => {
  const dataset = hands(60, 8);
  const { bytes, answers } = await exported(dataset, 'cnn-2-4', 'pixels');
  const { found, filesFor } = await asked(bytes, dataset);
  expect(best(found)).toMatchObject({ unit: 'own', scaling: { id: 'unit' } });
  const files = await filesFor();
  const { members } = await inspectTeacher(files, dataset);
  expect(members).toHaveLength(1);
  expect(answers.every(Number.isFinite)).toBe(true);
  expect(dataset.inputs[onlyView]!.kind).toBe('image');
});

it('names the file that holds its weights where that is missing', () => {
  const outside = new Uint8Array([
    // A graph with a weight "w" of `location` "w.bin" outside, a node and an output.
    ...[0x3a, 0x29],
    ...[0x2a, 0x17, 0x42, 1, 0x77, 0x6a, 0x11, 0x0a, 8, ...new TextEncoder().encode('location')],
    ...[0x12, 5, ...new TextEncoder().encode('w.bin')],
    ...[0x70, 1],
    ...[0x0a, 6, 0x12, 1, 0x79, 0x22, 1, 0x41],
    ...[0x62, 3, 0x0a, 1, 0x79],
  ]);
  const bytes = outside;
  bytes[1] = bytes.length - 2;
  bytes[3] = 3 + 2 + 17 + 2;
  expect(readModel('m.onnx', bytes).beside).toEqual(['w.bin']);
  expect(() => modelFilesOf([{ path: 'm.onnx', bytes }])).toThrow(/“w.bin”, which is not among/);
});
