import { expect, test } from 'vitest';
import { brokenOff, killAndResume } from './broken-off';
import { shelf, start, untilFinished } from './run-page';
import { storedRuns } from './stored';

test('a run whose browser was killed is to its end the same as one that was not', async () => {
  const { page, browser } = await killAndResume(brokenOff);
  await untilFinished(page);
  await start(page);
  await shelf(page).getByText('Same recipe as run 1').waitFor();
  await untilFinished(page);
  const [broken, whole] = await storedRuns(page);
  expect(broken!.steps.find(({ phase }) => phase === 'student')!.steps).toEqual(
    Array.from({ length: brokenOff.schedule.steps }, (_, i) => i + 1),
  );
  expect({ ...broken, number: 2 }).toEqual(whole);
  expect(broken!.state).toBe('finished');
  await browser.close();
});
