/** Every method's steps can be recorded, and replayed they give bit for bit what they give op by op. */
import { beforeAll, describe, expect, it } from 'vitest';
import { methods } from '../../../src/distill/methods/abouts';
import { readRecipe, type Recipe } from '../../../src/distill/recipe';
import { chooseBackend } from '../../../src/engine/backends';
import { tf } from '../../../src/engine/tf';
import { planRun } from '../../../src/training/plan';
import type { Run } from '../../../src/training/run';
import { noAssets, ofType, tinyDataset, tinyRecipe, train } from '../../unit/training/tiny';

const steps = 20;

beforeAll(async () => {
  await chooseBackend('webgpu');
  expect(tf.getBackend()).toBe('webgpu');
  // Small ops would be computed on the processor in eager steps, with other roundings.
  tf.env().set('WEBGPU_CPU_FORWARD', false);
});

/** Small, and long enough for images to come by again, so that a teacher is recalled. */
function recipeOf(apply: (recipe: Recipe) => Recipe): Recipe {
  const applied = apply(
    tinyRecipe({
      material: { dataset: 'upload', labelsPerClass: 12 },
      teacher: { kind: 'single', knobs: { source: 'train', network: 'cnn-4-8', epochs: 1, batch: 40 } },
      objective: { control: false },
    }),
  );
  const { weighting, teacher } = applied;
  const { recipe, problems } = readRecipe({
    ...applied,
    // A teacher of any kind is small and learns for a moment.
    teacher: {
      ...teacher,
      knobs: {
        ...teacher.knobs,
        ...only(teacher.knobs, { source: 'train', network: 'cnn-4-8', epochs: 1, batch: 40 }),
      },
    },
    weighting: {
      ...weighting,
      knobs: {
        ...weighting.knobs,
        ...only(weighting.knobs, { metaInterval: 3, metaWarmup: 20, metaPerClass: 4, metaBatch: 8 }),
      },
    },
    schedule: { ...applied.schedule, steps, batch: 8, evaluateEvery: steps },
  });
  expect(problems).toEqual([]);
  try {
    planRun(recipe, tinyDataset());
    return recipe;
  } catch {
    // A hint that wants equal numbers of channels.
    return { ...recipe, student: { ...recipe.student, network: 'cnn-4-8' } };
  }
}

/** Those of the changes whose knob is there. */
function only(knobs: object, changes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(changes).filter(([name]) => name in knobs));
}

interface Insides {
  students: { stepsDone: number; stepper: { reason: string | null; suspects: string[] } } | null;
}

/** The run's step events, with knobs turned on the way; one of them changes nothing that a recording holds. */
async function numbersOf(recipe: Recipe, records: boolean) {
  const faults: string[] = [];
  let seen = 0;
  const onTick = (run: Run) => {
    const { students } = run as unknown as Insides;
    if (!students || students.stepsDone === seen) return;
    seen = students.stepsDone;
    if (seen === 1) run.turn('schedule.learningRate', recipe.schedule.learningRate / 2);
    if ((seen === 5 || seen === 13) && recipe.hints.length > 0)
      run.turn('hints.0.weight', Number(recipe.hints[0]!.weight) * (seen === 5 ? 1.5 : 0.5));
    const { reason, suspects } = students.stepper;
    if (records) faults.push(...(reason === null ? [] : [reason]), ...suspects);
  };
  const { run, events } = await train(recipe, tinyDataset(), onTick, { fetchAsset: noAssets, records });
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

describe.each(methods.map(({ id, apply }) => ({ id, apply })))('$id', ({ apply }) => {
  it('gives the same bits recorded as op by op', async () => {
    const before = tf.memory().numTensors;
    const recipe = recipeOf(apply);
    const recorded = await numbersOf(recipe, true);
    expect(tf.memory().numTensors).toBe(before);
    const eager = await numbersOf(recipe, false);
    expect(recorded.steps).toHaveLength(eager.steps.length);
    expect(recorded).toEqual(eager);
  });
});

it('draws anew what is dropped in a replayed step, in student, control and peers', async () => {
  const recipe = tinyRecipe({
    hints: [{ id: 'dml', weight: 1 }],
    teacher: { kind: 'peers', knobs: { network: 'elu-3-4', peers: 1 } },
    student: { network: 'elu-3-4' },
    schedule: { steps, batch: 8, evaluateEvery: steps },
  });
  const before = tf.memory().numTensors;
  const recorded = await numbersOf(recipe, true);
  expect(tf.memory().numTensors).toBe(before);
  expect(recorded).toEqual(await numbersOf(recipe, false));
});
