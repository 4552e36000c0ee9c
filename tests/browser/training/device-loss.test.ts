/** A run goes on after the loss in `device-loss.long.test.ts`: each device compiles its own kernels. */
import { expect, it } from 'vitest';
import { ofType } from '../../unit/training/tiny';
import { trainedWithLoss } from './lost-light';

it('a device that nothing can take the place of ends the run with both sentences', async () => {
  const events = await trainedWithLoss('student', () =>
    Promise.reject(new Error('No backend works in this browser.')),
  );
  expect(ofType(events, 'failed')[0]!.message).toMatch(
    /^The graphics device was lost at step \d+\. Nothing here can take its place\. No backend works in this browser\.$/,
  );
});
