/** The parts of the page that tests look at, and what they do with a run. */
import type { Page } from 'playwright';
import { expect } from 'vitest';
import { savedStep } from './stored';

export const runControls = (page: Page) => page.getByRole('group', { name: 'Run', exact: true });
export const messages = (page: Page) => page.getByRole('region', { name: 'Messages' });
export const shelf = (page: Page) => page.getByRole('region', { name: 'Runs' });
export const result = (page: Page) => page.getByRole('region', { name: 'Result' });

/** A recipe as the address bar carries it. */
export function link(recipe: Readonly<Record<string, unknown>>, version = 2): string {
  return `#v${version}=${Buffer.from(JSON.stringify(recipe)).toString('base64url')}`;
}

/** The page's own student in small, over in a moment: for what does not depend on the numbers. */
export const shortRun = {
  title: 'Short',
  student: { network: 'mlp-32' },
  schedule: { steps: 20, batch: 16, evaluateEvery: 10 },
};

/** Never over by itself: what a test does with it must not race against its end. Held, it costs nothing. */
export const endlessRun = { ...shortRun, title: 'Long', schedule: { steps: 100_000, evaluateEvery: 50 } };

export async function start(page: Page): Promise<void> {
  await runControls(page).getByRole('button', { name: 'Start', exact: true }).click();
}

export async function untilFinished(page: Page): Promise<void> {
  await result(page)
    .getByText(/^finished after/)
    .waitFor();
}

/** Step of the student; 0 while a teacher is trained. */
export async function stepOf(page: Page): Promise<number> {
  const text = await page.getByRole('banner').innerText();
  return Number(/Step ([\d,. \u202f\u00a0]+) of/.exec(text)?.[1]?.replace(/\D/g, '') ?? 0);
}

export async function untilStepAfter(page: Page, step: number): Promise<void> {
  await expect.poll(() => stepOf(page)).toBeGreaterThan(step);
}

/**
 * Presses "Pause" once the page shows a step past `step`. It is pressed from within the page, which draws a thousand steps
 * while a driver looks at one and finds the button.
 */
export async function pauseAfter(page: Page, step: number): Promise<void> {
  await page.getByRole('banner').evaluate(
    (banner, after) =>
      new Promise<void>((done) => {
        const look = () => {
          const shown = /Step ([\d,. \u202f\u00a0]+) of/.exec(banner.textContent)?.[1]?.replace(/\D/g, '');
          const pause = [...banner.querySelectorAll('button')].find(({ innerText }) => innerText === 'Pause');
          if (!pause || !(Number(shown) > after)) return;
          watch.disconnect();
          pause.click();
          done();
        };
        const watch = new MutationObserver(look);
        watch.observe(banner, { subtree: true, childList: true, characterData: true });
        look();
      }),
    step,
  );
}

/**
 * Holds a run that is some steps past `step` and waits until its state is stored: a run is saved as soon as it is held,
 * and costs nothing while the test goes on.
 */
export async function holdAfter(page: Page, step: number): Promise<void> {
  await pauseAfter(page, step);
  await expect.poll(() => savedStep(page)).toBeGreaterThan(step);
}

export async function resume(page: Page): Promise<void> {
  await runControls(page).getByRole('button', { name: 'Resume' }).click();
}

/** Lets a held run do one step; then it is saved again. */
export async function step(page: Page): Promise<void> {
  await runControls(page).getByRole('button', { name: 'Step', exact: true }).click();
}

/** The page says so once it is stored. */
export async function stop(page: Page): Promise<void> {
  await runControls(page).getByRole('button', { name: 'Stop', exact: true }).click();
  await result(page)
    .getByText(/^stopped after/)
    .waitFor();
}

/** The page has kept itself for offline use, and is served by what it kept. */
export async function untilKept(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
}
