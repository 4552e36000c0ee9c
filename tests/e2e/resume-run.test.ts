import { describe, expect, inject, test } from 'vitest';
import { useBrowser } from './harness';
import { endlessRun, holdAfter, link, messages, resume, runControls, shelf, start, stop } from './run-page';
import { storedRuns } from './stored';
import { trainingWorker } from './training-worker';

const open = useBrowser();

describe('a run that is broken off', () => {
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
