import { expect, test } from 'vitest';
import { mayFallBelowZero } from '../../../src/app/instruments/loss-view';
import { defaultHint, defaultRecipe } from '../../../src/distill/recipe';

test('losses that may be negative, and sums with them, have no logarithmic axis', () => {
  const run = (...ids: ('kd' | 'vid')[]) => ({
    recipe: { ...defaultRecipe(), hints: ids.map((id) => defaultHint(id)) },
    hintKeys: ids,
  });
  expect(mayFallBelowZero(run('kd', 'vid'), ['ce', 'kd', 'vid'])).toBe(true);
  expect(mayFallBelowZero(run('kd', 'vid'), ['ce·w', 'vid·w'])).toBe(true);
  expect(mayFallBelowZero(run('kd', 'vid'), ['total'])).toBe(true);
  expect(mayFallBelowZero(run('kd', 'vid'), ['ce', 'kd'])).toBe(false);
  expect(mayFallBelowZero(run('kd'), ['ce', 'kd', 'total'])).toBe(false);
});
