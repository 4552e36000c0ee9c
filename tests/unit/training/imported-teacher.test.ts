import { beforeAll, expect, it } from 'vitest';
import { labelledImagesOf, datasetOfImages } from '../../../src/data/labelled-images';
import { knobsOfFiles } from '../../../src/distill/teachers/abouts';
import { tf } from '../../../src/engine/tf';
import { inspectTeacher } from '../../../src/training/inspect-teacher';
import { planRun } from '../../../src/training/plan';
import { useWasm } from '../../support/wasm-in-node';
import { noAssets, ofType, tinyDataset, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

it('a teacher saved from one run teaches in another as it did', async () => {
  const hints = [{ id: 'kd', weight: 1 }];
  const first = await train(tinyRecipe({ hints }));
  const bytes = (await first.run.weights('teacher'))!;
  first.run.dispose();
  const dataset = tinyDataset();
  const found = await inspectTeacher([{ path: 'teacher.safetensors', bytes }], dataset);
  expect(found.network).toBe('cnn-4-8');

  const knobs = {
    source: 'file',
    file: 'ab12',
    fileNetwork: found.network,
    fileMean: found.normalisation.mean,
    fileDeviation: found.normalisation.deviation,
  };
  const recipe = tinyRecipe({ hints, teacher: { kind: 'single', knobs } });
  const help = {
    fetchAsset: noAssets,
    importedFiles: async (file: string) =>
      file === 'ab12' ? [{ path: 'teacher.safetensors', bytes }] : null,
  };
  const before = tf.memory().numTensors;
  const second = await train(recipe, dataset, undefined, help);
  second.run.dispose();
  expect(tf.memory().numTensors).toBe(before);
  const [ended] = ofType(second.events, 'finished');
  expect(ended!.final.teacher).toBe(ofType(first.events, 'finished')[0]!.final.teacher);
  expect(ended!.final.teacher).toBe(found.accuracy);
  // The same teacher, normalisation and seed: the student's numbers are those of the first run.
  expect(ofType(second.events, 'step')).toEqual(
    ofType(first.events, 'step').filter(({ phase }) => phase === 'student'),
  );

  const without = await train(recipe);
  without.run.dispose();
  expect(ofType(without.events, 'failed')[0]?.message).toMatch(/file that is not here any more/);
});

it('a network of other classes teaches by its features, and what asks for its answers is refused', async () => {
  const first = await train(tinyRecipe());
  const bytes = (await first.run.weights('teacher'))!;
  first.run.dispose();
  const four = labelledImagesOf(tinyDataset())!;
  const halved = (part: typeof four.train) => ({ ...part, labels: part.labels.map((label) => label % 2) });
  const two = { ...four, classes: ['even', 'odd'], train: halved(four.train), test: halved(four.test) };
  const dataset = datasetOfImages(two);
  const files = [{ path: 'teacher.safetensors', bytes }];
  const before = tf.memory().numTensors;
  const found = await inspectTeacher(files, dataset);
  expect(tf.memory().numTensors).toBe(before);
  expect(found).toMatchObject({ network: 'cnn-4-8', otherClasses: 4, doubts: [] });
  expect(found.notes[0]).toMatch(/learned 4 classes, and this set has 2, so it teaches by its features/);

  const teacher = knobsOfFiles({ ...found, id: 'ab12' });
  const hints = [
    { id: 'fitnet', weight: 1 },
    { id: 'rkd', weight: 1 },
  ];
  const of = (changes: Record<string, unknown>) => tinyRecipe({ teacher, hints, ...changes });
  expect(() => planRun(of({ hints: [{ id: 'kd', weight: 1 }] }), dataset)).toThrow(
    'learns from the teacher’s answers, and this teacher has learned other classes than those of this set',
  );
  expect(() => planRun(of({ objective: { hardAnswers: true } }), dataset)).toThrow(
    '“Teacher’s hard labels” asks the teacher for its answers',
  );
  const help = { fetchAsset: noAssets, importedFiles: async () => files };
  const { run, events } = await train(of({}), dataset, undefined, help);
  const [ended] = ofType(events, 'finished');
  expect(ofType(events, 'failed')[0]?.message).toBeUndefined();
  expect(Object.keys(ended!.final)).toEqual(['student', 'control']);
  await expect(run.answers('teacher')).rejects.toThrow('has no answers to save');
  run.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
