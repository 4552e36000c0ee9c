import { expect, it } from 'vitest';
import { ofType, tinyRecipe } from '../../unit/training/tiny';
import { expectSameAfterLoss } from './lost-devices';
import { light, trainedWithLoss } from './lost-light';

it('a run whose device is lost goes on from its last good state and ends with the same numbers', () =>
  // All kinds of states at once: a long test, because each device compiles its own kernels.
  expectSameAfterLoss({
    ...light,
    hints: [...light.hints, ...tinyRecipe({ hints: [{ id: 'fitnet', weight: 1 }] }).hints],
    schedule: { ...light.schedule, optimiser: 'adam', learningRate: 0.01 },
  }));

it('a device that nothing can take the place of ends the run with both sentences', async () => {
  const events = await trainedWithLoss('student', () =>
    Promise.reject(new Error('No backend works in this browser.')),
  );
  expect(ofType(events, 'failed')[0]!.message).toMatch(
    /^The graphics device was lost at step \d+\. Nothing here can take its place\. No backend works in this browser\.$/,
  );
});
