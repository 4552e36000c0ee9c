/** Runs on WebGPU whose steps are recorded and replayed, or carried out op by op: both must give the same bits. */
import { expect } from 'vitest';
import type { Dataset } from '../../../src/data/dataset';
import { withResolvedWeights } from '../../../src/distill/hints/weights';
import { inputSourceOf } from '../../../src/distill/modalities/input-source';
import { inputViews } from '../../../src/distill/modalities/input-view';
import type { Recipe } from '../../../src/distill/recipe';
import { tf } from '../../../src/engine/tf';
import type { Run } from '../../../src/training/run';
import { noAssets, ofType, tinyDataset, train } from '../../unit/training/tiny';

interface Insides {
  students: { stepsDone: number; stepper: { reason: string | null; suspects: string[] } } | null;
}

/** The run's step events, with knobs turned on the way; one of them changes nothing that a recording holds. */
async function numbersOf(recipe: Recipe, records: boolean, dataset: Dataset) {
  const faults: string[] = [];
  const first = withResolvedWeights(recipe, inputSourceOf(dataset, inputViews(recipe).student).shape)
    .hints[0];
  let seen = 0;
  const onTick = (run: Run) => {
    const { students } = run as unknown as Insides;
    if (!students || students.stepsDone === seen) return;
    seen = students.stepsDone;
    if (seen === 1) run.turn('schedule.learningRate', recipe.schedule.learningRate / 2);
    const turns = recipe.schedule.steps > 13 ? [5, 13] : [2];
    if (turns.includes(seen) && first)
      run.turn('hints.0.weight', first.weight * (seen === turns[0] ? 1.5 : 0.5));
    const { reason, suspects } = students.stepper;
    if (records) faults.push(...(reason === null ? [] : [reason]), ...suspects);
  };
  const importedFiles = async () => [{ path: 'answers.csv', bytes: answersOn(dataset) }];
  const help = { fetchAsset: noAssets, importedFiles, records };
  const { run, events } = await train(recipe, dataset, onTick, help);
  run.dispose();
  expect(ofType(events, 'failed')).toEqual([]);
  expect(faults).toEqual([]);
  const engine = ofType(events, 'engine').filter(({ phase }) => phase === 'student');
  expect(engine.at(-1)?.engine.recorded).toBe(records);
  return {
    knobs: ofType(events, 'knob').map(({ path }) => path),
    steps: ofType(events, 'step').map(({ phase, step, values }) => ({ phase, step, values })),
    final: ofType(events, 'finished')[0]?.final,
  };
}

/** Answers of a teacher that is right, as a file of logits. */
function answersOn({ train: first, test, target }: Dataset): Uint8Array {
  const rows = [first, test].flatMap(({ targets }) =>
    Array.from(targets.values, (label) => target.names.map((_, c) => (c === label ? 3 : 0.5 * c)).join()),
  );
  return new TextEncoder().encode(rows.join('\n'));
}

/** Trains the recipe both ways and compares every number; nothing may be left on the device. */
export async function expectSameBits(recipe: Recipe, dataset = tinyDataset()): Promise<void> {
  const before = tf.memory().numTensors;
  const recorded = await numbersOf(recipe, true, dataset);
  expect(tf.memory().numTensors).toBe(before);
  const eager = await numbersOf(recipe, false, dataset);
  expect(recorded.steps).toHaveLength(eager.steps.length);
  expect(recorded).toEqual(eager);
}
