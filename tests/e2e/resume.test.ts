import type { Page } from 'playwright';
import { describe, expect, inject, test } from 'vitest';
import { openBrowser, temporaryFolder } from './own-browser';
import { storedRuns } from './stored';

const runControls = (page: Page) => page.getByRole('group', { name: 'Run', exact: true });
const messages = (page: Page) => page.getByRole('region', { name: 'Messages' });
const shelf = (page: Page) => page.getByRole('region', { name: 'Shelf of runs' });
const result = (page: Page) => page.getByRole('region', { name: 'Result' });

/** A recipe of many parts that have a state: a teacher trained here, two lines, hint weights that are learned. */
const recipe = {
  title: 'Broken off',
  seed: 5,
  material: { dataset: 'digits-8x8', labelsPerClass: 40, unlabelled: 200, shift: 1 },
  teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-64', epochs: 4 } },
  hints: [
    { id: 'kd', weight: 0.9 },
    { id: 'fitnet', weight: 0.5 },
  ],
  weighting: { id: 'hint-dynamic', knobs: { metaInterval: 5, metaWarmup: 0 } },
  schedule: { steps: 700, batch: 32, evaluateEvery: 50 },
};

function address(changes: object = {}): string {
  const json = JSON.stringify({ ...recipe, ...changes });
  return `${inject('url')}#v1=${Buffer.from(json).toString('base64url')}`;
}

const longRun = { title: 'Long', schedule: { steps: 50_000, evaluateEvery: 200 } };

async function start(page: Page): Promise<void> {
  await runControls(page).getByRole('button', { name: 'Start', exact: true }).click();
}

async function stepOf(page: Page): Promise<number> {
  const text = await page.getByRole('banner').innerText();
  return Number(/step ([\d,. \u202f\u00a0]+) of/i.exec(text)?.[1]?.replace(/\D/g, '') ?? 0);
}

async function untilSaved(page: Page): Promise<void> {
  await expect.poll(async () => (await storedRuns(page)).at(-1)?.checkpoints.length ?? 0).toBeGreaterThan(0);
}

async function untilFinished(page: Page): Promise<void> {
  await result(page)
    .getByText(/^finished after/)
    .waitFor();
}

describe('a run that is broken off', () => {
  test('by killing the browser goes on with the same numbers as one that was not', async () => {
    const profile = temporaryFolder();
    const first = await openBrowser(profile);
    const page = await first.context.newPage();
    await page.goto(address());
    await start(page);
    // Somewhere in the student's phase, and after a save.
    await expect.poll(async () => (await storedRuns(page))[0]?.checkpoints[0] ?? 0).toBeGreaterThan(100);
    // Some steps later, which are lost with it.
    const saved = (await storedRuns(page))[0]!.checkpoints[0]!;
    await expect.poll(() => stepOf(page)).toBeGreaterThan(saved + 5);
    await first.kill();

    const second = await openBrowser(profile);
    const again = await second.context.newPage();
    await again.goto(inject('url'));
    await messages(again).getByText('Run 1 was interrupted').waitFor();
    await shelf(again)
      .getByText(/^Interrupted at step \d+$/)
      .waitFor();
    await messages(again).getByRole('button', { name: 'Resume' }).click();
    await untilFinished(again);

    // The same recipe once more, in one go.
    await start(again);
    await shelf(again).getByText('Same recipe as run 1').waitFor();
    await untilFinished(again);
    const [broken, whole] = await storedRuns(again);
    expect(broken!.steps.find(({ phase }) => phase === 'student')!.steps).toEqual(
      Array.from({ length: recipe.schedule.steps }, (_, i) => i + 1),
    );
    expect({ ...broken, number: 2 }).toEqual(whole);
    expect(broken!.state).toBe('finished');
    await second.close();
  });

  test('by a crash of its worker can be resumed at once', async () => {
    const { context } = await openBrowser(temporaryFolder());
    const page = await context.newPage();
    await page.goto(address(longRun));
    await start(page);
    await untilSaved(page);
    // The import worker may be there, too.
    for (const worker of page.workers())
      await worker.evaluate(() => {
        if (self.name.endsWith('#training'))
          setTimeout(() => {
            throw new Error('A fault that nobody caught');
          });
      });
    await messages(page).getByText('Run 1 was interrupted').waitFor();
    await messages(page).getByRole('button', { name: 'Resume' }).click();
    await runControls(page).getByRole('button', { name: 'Pause' }).waitFor();
    await runControls(page).getByRole('button', { name: 'Stop', exact: true }).click();
    await result(page)
      .getByText(/^stopped after/)
      .waitFor();
    const [run] = await storedRuns(page);
    const steps = run!.steps.find(({ phase }) => phase === 'student')!.steps;
    expect(steps).toEqual(Array.from({ length: steps.length }, (_, i) => i + 1));
  });
});

test('another tab sees a run that is on, leaves it alone, and can take it over when its tab is gone', async () => {
  const { context } = await openBrowser(temporaryFolder());
  const first = await context.newPage();
  await first.goto(address(longRun));
  await start(first);
  await untilSaved(first);

  const second = await context.newPage();
  await second.goto(inject('url'));
  await shelf(second).getByText('Running in another tab').waitFor();
  expect(await messages(second).getByRole('button', { name: 'Resume' }).count()).toBe(0);
  await shelf(second).getByRole('button', { name: 'Run 1: more' }).click();
  expect(await second.getByRole('menuitem', { name: 'Throw away' }).isDisabled()).toBe(true);
  expect(await second.getByRole('menuitem', { name: /^Resume/ }).count()).toBe(0);
  await second.keyboard.press('Escape');

  await first.close({ runBeforeUnload: false });
  await shelf(second).getByRole('button', { name: 'Resume run 1' }).click();
  await runControls(second).getByRole('button', { name: 'Pause' }).waitFor();
});
