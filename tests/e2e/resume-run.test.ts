import { describe, expect, test } from 'vitest';
import { useBrowser } from './harness';
import { endlessRun, holdAfter, link, messages, resume, runControls, start, stop } from './run-page';
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
