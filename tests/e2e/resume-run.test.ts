import { describe, expect, inject, test } from 'vitest';
import { brokenOff, killAndResume } from './broken-off';
import { useBrowser } from './harness';
import { endlessRun, holdAfter, link, messages, resume, runControls, shelf, start, stop } from './run-page';
import { storedRuns, type StoredLog } from './stored';
import { trainingWorker } from './training-worker';

const open = useBrowser();

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
    // Which measurement still names its images depends on when the run was saved.
    evaluations: (evaluations as { phase: string; step: number; samples?: unknown }[])
      .filter(isBefore)
      .map((measured) => ({ ...measured, samples: null })),
    instances: (instances as { snapshot: { step: number } }[]).filter(({ snapshot }) => isBefore(snapshot)),
  };
}

describe('a run that is broken off', () => {
  test('by killing the browser goes on with the same numbers as one that was not', async () => {
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

  test('by a crash of its worker can be resumed at once', async () => {
    const { page } = await open({ path: link(endlessRun) });
    await start(page);
    await holdAfter(page, 10);
    await resume(page);
    const worker = await trainingWorker(page);
    await worker.evaluate(
      () =>
        void setTimeout(() => {
          throw new Error('A fault that nobody caught');
        }),
    );
    await messages(page).getByText('Run 1 was interrupted').waitFor();
    await messages(page).getByRole('button', { name: 'Resume' }).click();
    await runControls(page).getByRole('button', { name: 'Pause' }).waitFor();
    await stop(page);
    const [run] = await storedRuns(page);
    const steps = run!.steps.find(({ phase }) => phase === 'student')!.steps;
    expect(steps).toEqual(Array.from({ length: steps.length }, (_, i) => i + 1));
  });
});

test('another tab sees a run that is on, leaves it alone, and can take it over when its tab is gone', async () => {
  const { page: first } = await open({ path: link(endlessRun) });
  await start(first);
  await holdAfter(first, 10);

  const second = await first.context().newPage();
  await second.goto(inject('url'));
  await shelf(second).getByText('Running in another tab').waitFor();
  expect(await messages(second).getByRole('button', { name: 'Resume' }).count()).toBe(0);
  await shelf(second).getByRole('button', { name: 'Run 1: more' }).click();
  expect(await second.getByRole('menuitem', { name: 'Delete' }).isDisabled()).toBe(true);
  expect(await second.getByRole('menuitem', { name: /^Resume/ }).count()).toBe(0);
  await second.keyboard.press('Escape');

  await first.close({ runBeforeUnload: false });
  await shelf(second).getByRole('button', { name: 'Resume run 1' }).click();
  await runControls(second).getByRole('button', { name: 'Pause' }).waitFor();
});
