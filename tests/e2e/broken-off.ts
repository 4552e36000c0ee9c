/** A run whose browser is killed, and that goes on in the next one. */
import type { Page } from 'playwright';
import { inject } from 'vitest';
import { openBrowser, temporaryFolder, type OwnBrowser } from './own-browser';
import { holdAfter, link, messages, resume, shelf, start, untilStepAfter } from './run-page';
import { savedStep } from './stored';

/** A recipe of many parts that have a state: a teacher trained here, two lines, hint weights that are learned. */
export const brokenOff = {
  title: 'Broken off',
  seed: 5,
  material: { dataset: 'digits-8x8', labelsPerClass: 40, unlabelled: 200, shift: 1 },
  teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-64', epochs: 4 } },
  hints: [
    { id: 'kd', weight: 0.9 },
    { id: 'fitnet', weight: 0.5 },
  ],
  weighting: { id: 'hint-dynamic', knobs: { metaInterval: 5, metaWarmup: 0 } },
  schedule: { steps: 700, batch: 32, evaluateEvery: 10 },
};

/** Kills the browser in the middle of the student's phase and lets the run go on in another one. */
export async function killAndResume(recipe: typeof brokenOff): Promise<{ page: Page; browser: OwnBrowser }> {
  const profile = temporaryFolder();
  const first = await openBrowser(profile);
  const page = await first.context.newPage();
  await page.goto(inject('url') + link(recipe, 1));
  await start(page);
  await holdAfter(page, 60);
  // Some steps later, which are lost with it.
  const saved = await savedStep(page);
  await resume(page);
  await untilStepAfter(page, saved + 5);
  await first.kill();

  const browser = await openBrowser(profile);
  const again = await browser.context.newPage();
  await again.goto(inject('url'));
  await messages(again).getByText('Run 1 was interrupted').waitFor();
  await shelf(again)
    .getByText(/^Interrupted at step \d+$/)
    .waitFor();
  await messages(again).getByRole('button', { name: 'Resume' }).click();
  return { page: again, browser };
}
