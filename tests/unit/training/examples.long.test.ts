import { expect, it } from 'vitest';
import { readRecipe } from '../../../src/distill/recipe';
import { example, final, finish, meanWeight, useDigits } from './example-runs';

useDigits();

it('hkd-half-wrong-teacher: turned down where the teacher is wrong, and better than equal weights', async () => {
  const recipe = await example('hkd-half-wrong-teacher');
  const events = await finish(recipe);
  const wrong = meanWeight(events, 'kd', (label) => label >= 5);
  expect(wrong).toBeLessThan(0.3);
  expect(meanWeight(events, 'kd', (label) => label < 5)).toBeGreaterThan(wrong);
  const { recipe: equal } = readRecipe({
    ...recipe,
    weighting: { id: 'fixed', knobs: { autoBalance: true } },
  });
  expect(final(events).student! - final(await finish(equal)).student!).toBeGreaterThan(0.03);
});

it.each([
  ['soft-or-hard', 0.04],
  ['wrong-labels', 0.1],
])('%s: the student beats its control', async (id, gain) => {
  const { student, control, teacher } = final(await finish(await example(id)));
  expect(student! - control!).toBeGreaterThan(gain);
  expect(teacher).toBeCloseTo(0.9917, 3);
});
