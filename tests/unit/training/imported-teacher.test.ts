import { beforeAll, expect, it } from 'vitest';
import { tf } from '../../../src/engine/tf';
import { inspectTeacher } from '../../../src/training/inspect-teacher';
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
