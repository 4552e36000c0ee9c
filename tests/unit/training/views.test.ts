import { beforeAll, expect, test } from 'vitest';
import { readRecipe } from '../../../src/distill/recipe';
import type { MethodView } from '../../../src/distill/views';
import { useWasm } from '../../support/wasm-in-node';
import { numbersOf, ofType, tinyDataset, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

const recipe = tinyRecipe({ hints: [{ id: 'kd', knobs: { temperature: 2 } }] });
const hintsAt = (temperature: number) =>
  readRecipe({ hints: [{ id: 'kd', knobs: { temperature } }] }).recipe.hints;
const sidesOf = ([view]: MethodView[]) =>
  view!.panels.map(({ label, shape, values }) => ({ label, size: shape[1]!, values }));

test('views of a run that rests follow the temperature, and the run is as it was', async () => {
  const { run, events } = await train(recipe);
  const told = ofType(events, 'views').at(-1)!.views as MethodView[];
  expect(await run.views(hintsAt(2))).toEqual(told);

  const before = await run.checkpoint();
  const warm = sidesOf((await run.views(hintsAt(8)))!);
  expect(warm.map(({ label }) => label)).toEqual(Array(2).fill('Class probabilities at temperature 8'));
  sidesOf(told).forEach(({ values, size }, side) => {
    // softmax(z / 8) is softmax(z / 2) to the power of 1/4, divided by its sum.
    const roots = Array.from(values, (share) => share ** 0.25);
    roots.forEach((root, at) => {
      const row = at - (at % size);
      const sum = roots.slice(row, row + size).reduce((all, one) => all + one, 0);
      expect(warm[side]!.values[at]).toBeCloseTo(root / sum, 5);
    });
  });
  expect({ ...(await run.checkpoint()), seconds: 0 }).toEqual({ ...before, seconds: 0 });
  run.dispose();
});

test('views asked for between two steps change no number of the run', async () => {
  const plain = await train(recipe);
  const asked: Promise<unknown>[] = [];
  const looked = await train(recipe, tinyDataset(), (run) => void asked.push(run.views(hintsAt(8))));
  const views = await Promise.all(asked);
  expect(views.filter((found) => found !== null).length).toBeGreaterThan(3);
  expect(numbersOf(looked.events)).toEqual(numbersOf(plain.events));
  for (const { run } of [plain, looked]) run.dispose();
});

test('there are none of other hints', async () => {
  const { run } = await train(recipe);
  expect(await run.views(readRecipe({ hints: [{ id: 'at' }] }).recipe.hints)).toBeNull();
  run.dispose();
});
