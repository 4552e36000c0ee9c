import { datasetOfImages } from '../../../src/data/labelled-images';
import * as layers from '@tensorflow/tfjs-layers';
import { unzipSync } from 'fflate';
import { beforeAll, expect, it } from 'vitest';
import { tf } from '../../../src/engine/tf';
import { modelFile } from '../../../src/export/model-file';
import { readForeignModel, type WeightFile } from '../../../src/nn/read-weights';
import { inspectTeacher, type InspectedTeacher } from '../../../src/training/inspect-teacher';
import type { RunEvent } from '../../../src/training/events';
import { Run } from '../../../src/training/run';
import type { Checkpoint } from '../../../src/training/checkpoint';
import { useWasm } from '../../support/wasm-in-node';
import { noAssets, numbersOf, ofType, tinyImages, tinyRecipe, train } from './tiny';

const hints = [{ id: 'kd', weight: 1 }];
/** Good enough that it can be told from its answers what it is to be fed. */
const teacher = {
  kind: 'single',
  knobs: { source: 'train', network: 'cnn-4-8', epochs: 12, batch: 20, learningRate: 0.01 },
};
const images = tinyImages();
const dataset = datasetOfImages(images);

/** A run with a teacher of its own, and that teacher's weights. */
let own: { events: RunEvent[]; weights: Uint8Array<ArrayBuffer>; accuracy: number };
beforeAll(async () => {
  await useWasm();
  const { run, events } = await train(tinyRecipe({ hints, teacher }));
  const weights = new Uint8Array((await run.weights('teacher'))!);
  run.dispose();
  own = { events, weights, accuracy: ofType(events, 'finished')[0]!.final.teacher! };
});

/** The teacher as a graph model that says nothing of itself. */
async function graphModel(feed: 'pixels' | 'normalised', foldBatchNorm = false): Promise<WeightFile[]> {
  const who = { learner: 'teacher', run: 'x' };
  const { blob } = modelFile('tfjs', own.weights, who, { feed, foldBatchNorm }, 'x');
  const parts = unzipSync(new Uint8Array(await blob.arrayBuffer()));
  const model = JSON.parse(new TextDecoder().decode(parts['model.json'])) as Record<string, unknown>;
  if (!foldBatchNorm) delete model['userDefinedMetadata'];
  return [
    { path: 'model.json', bytes: new TextEncoder().encode(JSON.stringify(model)) },
    { path: 'weights.bin', bytes: parts['weights.bin']! },
  ];
}

/** A model as Keras would have it, as the files of its converter. */
async function layersModel(build: (model: layers.Sequential) => void): Promise<WeightFile[]> {
  const model = layers.sequential();
  build(model);
  let files: WeightFile[] = [];
  await model.save({
    save: async ({ modelTopology, weightSpecs, weightData }) => {
      const json = {
        format: 'layers-model',
        modelTopology,
        weightsManifest: [{ paths: ['group1-shard1of1.bin'], weights: weightSpecs }],
      };
      files = [
        { path: 'model.json', bytes: new TextEncoder().encode(JSON.stringify(json)) },
        { path: 'group1-shard1of1.bin', bytes: new Uint8Array(weightData as ArrayBuffer) },
      ];
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  });
  model.dispose();
  return files;
}

const knobsOf = ({ network, normalisation, answers }: InspectedTeacher) => ({
  source: 'file',
  file: 'ab12',
  fileNetwork: network,
  fileMean: normalisation.mean,
  fileDeviation: normalisation.deviation,
  fileAnswers: answers,
});
const helpWith = (files: readonly WeightFile[]) => ({
  fetchAsset: noAssets,
  importedFiles: async () => files,
});

it.each([
  ['pixels', false, /from 0 to 1/],
  ['normalised', false, /less their mean/],
  ['pixels', true, /from 0 to 1/],
] as const)(
  'a graph model fed %s (folded: %s) answers as the network it was made from, and what to feed it is found out',
  async (feed, folded, words) => {
    const files = await graphModel(feed, folded);
    const before = tf.memory().numTensors;
    const found = await inspectTeacher(files, dataset);
    expect(tf.memory().numTensors).toBe(before);
    expect(found.network).toBe('tfjs-model');
    expect(found.answers).toBe('logits');
    expect(found.accuracy).toBe(own.accuracy);
    expect(found.notes.join(' ')).toMatch(words);
  },
);

it('teaches as the network would, leaves no tensor, and a run goes on with it with the same numbers', async () => {
  const files = await graphModel('pixels');
  const found = await inspectTeacher(files, dataset);
  const recipe = tinyRecipe({ hints, teacher: { kind: 'single', knobs: knobsOf(found) } });
  const before = tf.memory().numTensors;
  const whole = await train(recipe, dataset, undefined, helpWith(files));
  whole.run.dispose();
  expect(tf.memory().numTensors).toBe(before);
  expect(ofType(whole.events, 'failed')).toEqual([]);
  expect(ofType(whole.events, 'finished')[0]!.final.teacher).toBe(own.accuracy);

  const students = (events: readonly RunEvent[]) =>
    ofType(events, 'step').flatMap(({ phase, values }) => (phase === 'student' ? [values['total']!] : []));
  const [here, there] = [students(whole.events), students(own.events)];
  expect(here.length).toBe(there.length);
  here.forEach((value, i) => expect(value).toBeCloseTo(there[i]!, 3));

  const first = new Run(recipe, dataset, helpWith(files));
  const told: RunEvent[] = [];
  let state: Checkpoint | null = null;
  for await (const tick of first.ticks()) {
    told.push(...tick, ...(await first.flush()));
    state = await first.checkpoint();
    if (state.students?.stepsDone === 2) break;
  }
  first.dispose();
  const second = new Run(recipe, dataset, helpWith(files), state);
  for await (const tick of second.ticks()) told.push(...tick);
  second.dispose();
  expect(numbersOf(told).steps).toEqual(numbersOf(whole.events).steps);
  expect(ofType(told, 'finished')[0]!.final).toEqual(ofType(whole.events, 'finished')[0]!.final);
});

it('probabilities of a Keras model are taken as logits by their logarithm', async () => {
  const files = await layersModel((model) => {
    const { height, width, channels } = images;
    model.add(
      layers.layers.conv2d({
        inputShape: [height, width, channels],
        filters: 3,
        kernelSize: 3,
        activation: 'relu',
      }),
    );
    model.add(layers.layers.flatten());
    model.add(layers.layers.dense({ units: images.classes.length, activation: 'softmax' }));
  });
  const before = tf.memory().numTensors;
  const found = await inspectTeacher(files, dataset);
  expect(tf.memory().numTensors).toBe(before);
  expect(found.answers).toBe('probabilities');
  expect(found.notes.join(' ')).toContain('logarithms');
  const recipe = tinyRecipe({ hints, teacher: { kind: 'single', knobs: knobsOf(found) } });
  const { run, events } = await train(recipe, dataset, undefined, helpWith(files));
  run.dispose();
  expect(tf.memory().numTensors).toBe(before);
  expect(ofType(events, 'failed')).toEqual([]);
  expect(ofType(events, 'finished')[0]!.final.teacher).toBe(found.accuracy);
});

it('images are resized and coloured for a model that wants it so, and that is said', async () => {
  const files = await layersModel((model) => {
    model.add(layers.layers.conv2d({ inputShape: [12, 12, 3], filters: 2, kernelSize: 3 }));
    model.add(layers.layers.globalAveragePooling2d({}));
    model.add(layers.layers.dense({ units: images.classes.length }));
  });
  const notes = (await inspectTeacher(files, dataset)).notes.join(' ');
  expect(notes).toContain('resized');
  expect(notes).toContain('12 × 12');
  if (images.channels === 1) expect(notes).toContain('Grey images');
});

it('what cannot teach here is refused in a sentence', async () => {
  const dense = (units: number, inputShape: number[]) =>
    layersModel((model) => model.add(layers.layers.dense({ units, inputShape })));
  const pixels = images.height * images.width * images.channels;
  await expect(inspectTeacher(await dense(1000, [pixels]), dataset)).rejects.toThrow(
    `This model gives 1000 answers, but the data set has ${images.classes.length} classes.`,
  );
  await expect(inspectTeacher(await dense(3, [pixels + 1]), dataset)).rejects.toThrow(
    `This model reads ${pixels + 1} numbers per image`,
  );
  const [json] = await dense(3, [pixels]);
  expect(() => readForeignModel([json!])).toThrow('needs the file “group1-shard1of1.bin”');
  const odd = {
    path: 'model.json',
    bytes: new TextEncoder().encode('{"modelTopology":{"node":[]},"weightsManifest":[]}'),
  };
  await expect(inspectTeacher([odd], dataset)).rejects.toThrow(
    'This model of TensorFlow.js cannot be run here: its model.json or its weights are incomplete or damaged.',
  );
});

it('hints that look inside are refused with the names of those that work', async () => {
  const files = await graphModel('pixels');
  const found = await inspectTeacher(files, dataset);
  const recipe = tinyRecipe({
    hints: [{ id: 'fitnet', weight: 1 }],
    teacher: { kind: 'single', knobs: knobsOf(found) },
  });
  const { run, events } = await train(recipe, dataset, undefined, helpWith(files));
  run.dispose();
  const [failed] = ofType(events, 'failed');
  expect(failed!.message).toContain('shows only its outputs');
  expect(failed!.message).toContain('What works with it: ');
  expect(failed!.knob).toBe('hints.0.weight');
});

it('relations of images are learned from it where they are compared in logits, and refused where not', async () => {
  const files = await graphModel('pixels');
  const found = await inspectTeacher(files, dataset);
  const told = async (space: string, id: string) => {
    const recipe = tinyRecipe({
      hints: [{ id, weight: 1, knobs: { space } }],
      teacher: { kind: 'single', knobs: knobsOf(found) },
    });
    const { run, events } = await train(recipe, dataset, undefined, helpWith(files));
    run.dispose();
    return events;
  };
  for (const id of ['rkd', 'pkt', 'cc', 'sp']) {
    const events = await told('logits', id);
    expect(ofType(events, 'failed'), id).toEqual([]);
    const losses = ofType(events, 'step').flatMap(({ values }) => values[id] ?? []);
    expect(losses).toHaveLength(6);
    for (const loss of losses) expect(loss, id).toBeGreaterThan(0);
    expect(ofType(await told('inside', id), 'failed')[0]!.message).toMatch(
      /as it is set.*only its outputs.*compared in logits/,
    );
  }
});
