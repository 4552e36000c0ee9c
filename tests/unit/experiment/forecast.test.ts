import { expect, it } from 'vitest';
import { defaultRecipe } from '../../../src/distill/recipe';
import { teacherKey } from '../../../src/distill/teachers/teacher-key';
import { experimentOfMethods } from '../../../src/experiment/experiment';
import { forecastOf, type ForecastSetup } from '../../../src/experiment/forecast';

const base = defaultRecipe();
const trained = {
  ...base,
  teacher: { ...base.teacher, knobs: { ...base.teacher.knobs, source: 'train', epochs: 10 } },
} as typeof base;
const keyOf: ForecastSetup['keyOf'] = (recipe) => teacherKey(recipe, { dataset: 'here', backend: 'wasm' });
const setup: ForecastSetup = {
  sizesOf: () => ({
    student: { parameters: 1000, multiplyAdds: 1000 },
    teacher: { parameters: 5000, multiplyAdds: 5000 },
    instances: 1000,
  }),
  keyOf,
  isKept: () => false,
  timed: [],
  stored: [{ recipe: base, bytes: 4000 + 10 * base.schedule.steps }],
  ratioOf: (method) => ({ kd: 1.13, dkd: 1.27 })[method],
  workers: 1,
};
const experiment = experimentOfMethods(trained, ['kd', 'dkd'], [1, 2, 3]).experiment;

it('two methods with three seeds share a teacher for each seed, less those that are kept', () => {
  expect(forecastOf(experiment, setup)).toMatchObject({ runs: 6, teachers: 3, kept: 0, from: 'guess' });
  const first = keyOf({ ...experiment.entries[0]!.recipe, seed: 1 });
  const later = forecastOf(experiment, { ...setup, isKept: (key) => key === first });
  const logs = 6 * 10 * trained.schedule.steps;
  expect(later).toMatchObject({ runs: 6, teachers: 2, kept: 1 });
  expect(later.bytes).toBeCloseTo(4 * (6 * 1000 + 2 * 5000) + logs);
});

it('the time follows runs of the same steps, and else the speed of others', () => {
  const timed = experiment.entries.map(({ recipe }) => ({ recipe, stepsPerSecond: 50, otherSeconds: 0 }));
  const known = { ...setup, isKept: () => true };
  const one = forecastOf(experiment, { ...known, timed });
  const { steps } = trained.schedule;
  expect(one.from).toBe('same');
  expect(one.seconds).toBeCloseTo((6 * steps) / 50);
  expect(forecastOf(experiment, { ...known, timed, workers: 3 }).seconds).toBeCloseTo(one.seconds! / 3);
  const slow = timed.map((run) => ({ ...run, otherSeconds: 2 }));
  expect(forecastOf(experiment, { ...known, timed: slow }).seconds).toBeCloseTo(one.seconds! + 6 * 2);
  const half = forecastOf(experiment, { ...known, timed: timed.slice(0, 1) });
  expect(half.from).toBe('other');
  // The second method's steps take as much longer as its cost says: 1.27 for 1.13, and the baseline beside each.
  expect(half.seconds).toBeCloseTo(((3 * steps) / 50) * (1 + 2.27 / 2.13));
});

it('nothing is said of data that is not there', () => {
  expect(forecastOf(experiment, { ...setup, sizesOf: () => null })).toMatchObject({
    seconds: null,
    bytes: null,
  });
});
