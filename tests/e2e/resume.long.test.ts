import { expect, test } from 'vitest';
import { brokenOff, killAndResume } from './broken-off';
import { holdAfter, shelf, start, stop, untilFinished } from './run-page';
import { storedRuns, type StoredLog } from './stored';

/** Which measurement still has its samples depends on when the run was saved: only the last one is sure to. */
const withoutSamples = (measured: unknown) => ({
  ...(measured as { phase: string; step: number }),
  samples: null,
  answers: null,
  reliability: null,
});

const studentSteps = ({ steps }: StoredLog) => steps.find(({ phase }) => phase === 'student')!.steps;

/** What a run told until the step at which `stopped`, the same or a shorter one, was stopped and measured once more. */
function toldUntilEndOf(stopped: StoredLog, { steps, evaluations, instances }: StoredLog) {
  const end = studentSteps(stopped).length;
  const isBefore = (told: { phase?: string; step: number }) =>
    (told.phase !== undefined && told.phase !== 'student') || told.step < end;
  return {
    steps: steps.map((own, place) => {
      const { values, ...other } = stopped.steps[place]!;
      return {
        steps: own.steps.slice(0, other.steps.length),
        learningRates: own.learningRates.slice(0, other.steps.length),
        // Not every step tells every number.
        values: Object.fromEntries(
          Object.entries(own.values).map(([name, told]) => [name, told.slice(0, values[name]?.length)]),
        ),
      };
    }),
    evaluations: evaluations.map(withoutSamples).filter(isBefore),
    instances: (instances as { snapshot: { step: number } }[]).filter(({ snapshot }) => isBefore(snapshot)),
  };
}

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
  expect(broken!.evaluations.at(-1)).toEqual(whole!.evaluations.at(-1));
  const compared = (log: StoredLog) => ({
    ...log,
    number: 2,
    evaluations: log.evaluations.map(withoutSamples),
  });
  expect(compared(broken!)).toEqual(compared(whole!));
  expect(broken!.state).toBe('finished');
  await browser.close();
});

test('a run that is broken off by killing the browser goes on with the same numbers as one that was not', async () => {
  const endless = { ...brokenOff, schedule: { ...brokenOff.schedule, steps: 100_000 } };
  const { page, browser } = await killAndResume(endless);
  await holdAfter(page, 90);
  await stop(page);
  const broken = (await storedRuns(page))[0]!;
  const reached = studentSteps(broken);
  expect(reached).toEqual(Array.from({ length: reached.length }, (_, i) => i + 1));

  // The same recipe once more, in one go.
  await start(page);
  await shelf(page).getByText('Same recipe as run 1').waitFor();
  await holdAfter(page, reached.length);
  await stop(page);
  const whole = (await storedRuns(page))[1]!;
  expect(toldUntilEndOf(broken, broken)).toEqual(toldUntilEndOf(broken, whole));
  await browser.close();
});
