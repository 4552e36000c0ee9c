import type { Locator, Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { useBrowser } from './harness';

const open = useBrowser();

const result = (page: Page) => page.getByRole('region', { name: 'Result' });
const runControls = (page: Page) => page.getByRole('group', { name: 'Run', exact: true });
const messages = (page: Page) => page.getByRole('region', { name: 'Messages' });

/** The recipe as the address bar carries it. */
function link(recipe: unknown): string {
  return `#v2=${Buffer.from(JSON.stringify(recipe)).toString('base64url')}`;
}

/** Long enough to be steered; the clicks of a test must not race against the end of the run. */
const longRun = link({ title: 'Long', schedule: { steps: 20_000, evaluateEvery: 50 } });

async function stepOf(page: Page): Promise<number> {
  const text = await page.getByRole('banner').innerText();
  return Number(/step ([\d,. \u202f\u00a0]+) of/i.exec(text)?.[1]?.replace(/\D/g, '') ?? 0);
}

async function startRun(page: Page): Promise<Locator> {
  await runControls(page).getByRole('button', { name: 'Start', exact: true }).click();
  const pause = runControls(page).getByRole('button', { name: 'Pause' });
  await pause.waitFor();
  await expect.poll(() => stepOf(page)).toBeGreaterThan(5);
  return pause;
}

describe('the page', () => {
  test('opens without an error and asks nobody but its own server', async () => {
    const { page, expectClean } = await open();
    await page.getByRole('heading', { level: 1, name: 'Retort' }).waitFor();
    await page.getByRole('button', { name: /^Device: .+, .+/ }).waitFor();
    await result(page).getByText('Multiply-adds').waitFor();
    expectClean();
  });

  test('the first run is one click, and distillation gains', async () => {
    const { page, expectClean } = await open();
    await result(page).getByRole('button', { name: 'Start', exact: true }).click();
    await result(page)
      .getByText(/^finished after/)
      .waitFor();
    expect(await result(page).innerText()).toMatch(/Distillation gained [\d.]+ points/);
    await runControls(page).getByRole('button', { name: 'Start', exact: true }).waitFor();
    expectClean();
  });

  test('a run can be paused, stepped, resumed and stopped', async () => {
    const { page, expectClean } = await open({ path: longRun });
    const pause = await startRun(page);
    await pause.click();
    await page.getByRole('banner').getByText('Paused').waitFor();
    const held = await stepOf(page);

    // A run that went on would be past these by the time the next is asked for.
    for (const further of [1, 2, 3]) {
      await runControls(page).getByRole('button', { name: 'Step', exact: true }).click();
      await expect.poll(() => stepOf(page)).toBe(held + further);
    }

    await runControls(page).getByRole('button', { name: 'Resume' }).click();
    await expect.poll(() => stepOf(page)).toBeGreaterThan(held + 8);

    await runControls(page).getByRole('button', { name: 'Stop', exact: true }).click();
    await runControls(page).getByRole('button', { name: 'Start', exact: true }).waitFor();
    await result(page)
      .getByText(/^stopped after/)
      .waitFor();
    expectClean();
  });

  test('a live knob acts on the running run and leaves a mark in its charts; others are locked', async () => {
    const { page, expectClean } = await open({ path: longRun });
    await startRun(page);
    const temperature = page.getByRole('spinbutton', { name: 'Temperature' });
    await temperature.fill('7.5');
    await temperature.press('Enter');
    await page
      .getByRole('button', { name: /^Step \d+: Temperature .* → 7\.5$/ })
      .first()
      .waitFor();

    await page.getByRole('button', { name: /^Who learns/ }).click();
    expect(await page.getByRole('combobox', { name: 'Student network' }).isDisabled()).toBe(true);
    expectClean();
  });

  test('a damaged link opens the page with a sentence about it', async () => {
    const { page, expectClean } = await open({ path: '#v2=eyJ0aXRsZSI6Ik' });
    await messages(page).getByText('The link is damaged').waitFor();
    await messages(page).getByRole('button', { name: 'Dismiss this message' }).click();
    await runControls(page).getByRole('button', { name: 'Start', exact: true }).waitFor();
    expectClean();
  });

  test('a link with a wrong value says which, and keeps the rest', async () => {
    const { page, expectClean } = await open({
      path: link({ title: 'From a link', schedule: { learningRate: -1 } }),
    });
    await result(page).getByRole('heading', { name: 'From a link' }).waitFor();
    await messages(page)
      .getByText(/Learning rate/)
      .waitFor();
    expectClean();
  });
});
