import { beforeAll, describe, expect, test } from 'vitest';
import { tf } from '../../../src/engine/tf';
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from '../../../src/nn/safetensors';
import { storedExportBundle } from '../../../src/training/stored-export-bundle';
import { useWasm } from '../../support/wasm-in-node';
import { noAssets, ofType, tinyDataset, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

const help = { fetchAsset: noAssets, importedFiles: () => Promise.resolve(null) };
const trained = { network: 'cnn-2-4', epochs: 1, batch: 20 };
const specialists = (split: string) => ({
  kind: 'specialists',
  knobs: { ...trained, branches: 2, coverage: 1, split },
});
const teachers = {
  none: { kind: 'none' },
  single: { kind: 'single', knobs: { ...trained, source: 'train' } },
  ensemble: { kind: 'ensemble', knobs: { ...trained, members: 2 } },
  'specialists by class number': specialists('ring'),
  'specialists by what a generalist mixes up': specialists('confusion'),
};

/** A run to its end, and its files as they are stored. */
async function ended(teacher: object) {
  const kindless = 'kind' in teacher && teacher.kind === 'none';
  const recipe = tinyRecipe({ hints: kindless ? [{ id: 'ls' }] : [{ id: 'kd' }], teacher });
  const dataset = tinyDataset();
  const { run, events } = await train(recipe, dataset);
  expect(events.filter(({ type }) => type === 'failed')).toEqual([]);
  const student = (await run.weights('student'))!;
  return { run, recipe, dataset, student, teacher: await run.weights('teacher') };
}

describe.each(Object.entries(teachers))(
  'the export bundle of a stored run with the teacher: %s',
  (_, teacher) => {
    test('is that of the run, out of the files of its end and out of a saved state', async () => {
      const { run, ...stored } = await ended(teacher);
      const live = await run.exportBundle();
      const state = await run.checkpoint();
      run.dispose();
      const before = tf.memory().numTensors;
      expect(await storedExportBundle(stored, help)).toEqual(live);
      expect(await storedExportBundle({ ...stored, teacher: state.teacher }, help)).toEqual(live);
      expect(tf.memory().numTensors).toBe(before);
    });
  },
);

test('the bundle of a stopped run says where it stands, also out of a saved state', async () => {
  const recipe = tinyRecipe({
    hints: [{ id: 'kd' }, { id: 'crd', knobs: { negatives: 16, width: 8 } }],
    weighting: { id: 'hint-dynamic' },
    material: { dataset: 'upload', labelsPerClass: 12, unlabelled: 40, shift: 1 },
    teacher: { kind: 'peers', knobs: { peers: 2, network: 'mlp-8' } },
    student: { network: 'mlp-8' },
  });
  const dataset = tinyDataset();
  const { run } = await train(recipe, dataset, (running, tick) => {
    if (ofType(tick, 'evaluation').some(({ step }) => step === 3)) running.requestStop();
  });
  const live = await run.exportBundle({ rests: true });
  expect(live?.stopped).toMatchObject({ done: 3, batch: 12, stage: { from: 0, steps: 6 } });
  const { teacher, students } = await run.checkpoint();
  const student = (await run.weights('student'))!;
  run.dispose();
  const before = tf.memory().numTensors;
  const stored = await storedExportBundle({ recipe, dataset, student, teacher, students }, help);
  expect(stored).toEqual(live);
  expect(tf.memory().numTensors).toBe(before);
});

test('of specialists whose classes an older page did not store is refused in words', async () => {
  const { run, teacher, ...stored } = await ended(specialists('confusion'));
  run.dispose();
  const { more, ...metadata } = readSafetensorsMetadata(teacher!);
  expect(more).toContain('sets');
  const older = writeSafetensors(readSafetensors(teacher!), metadata);
  await expect(storedExportBundle({ ...stored, teacher: older }, help)).rejects.toThrow(/class assignment/);
});

test('without its teacher is refused in words', async () => {
  const { run, ...stored } = await ended(teachers.single);
  run.dispose();
  await expect(storedExportBundle({ ...stored, teacher: null }, help)).rejects.toThrow(/teacher of this run/);
});
