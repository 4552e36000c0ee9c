import { expect, test } from 'vitest';
import { useBrowser } from './harness';
import { link, result, shortRun, untilFinished } from './run-page';

const open = useBrowser();

const recipe = {
  ...shortRun,
  title: 'From a friend',
  note: 'Watch <img src=x onerror=alert(1)> the 3.',
  example: 'few-labels',
};

test('a note and what comes next arrive with a link, and stay with the run', async () => {
  const { page, expectClean } = await open({ path: link(recipe) });
  const verdict = result(page);
  await verdict.getByText(recipe.note, { exact: true }).waitFor();
  await verdict.getByText(/^Changed from the example: /).waitFor();
  await verdict.getByRole('button', { name: 'Start', exact: true }).click();
  await untilFinished(page);
  await verdict.getByRole('button', { name: 'Next: Soft targets or hard labels?' }).waitFor();

  // Without the link it comes from the stored run alone.
  const bare = page.url().replace(/#.*/, '');
  await page.goto('about:blank');
  await page.goto(bare);
  await page.getByRole('button', { name: 'Run 1: more' }).click();
  await page.getByRole('menuitem', { name: 'Use this configuration' }).click();
  const address = () => Buffer.from(new URL(page.url()).hash.slice(4), 'base64url').toString();
  await expect.poll(address).toContain(recipe.note);
  expect(await page.evaluate(() => document.querySelectorAll('img[src="x"]').length)).toBe(0);
  expectClean();
});
