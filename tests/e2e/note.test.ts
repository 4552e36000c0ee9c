import { expect, test } from 'vitest';
import { useBrowser } from './harness';

const open = useBrowser();

const recipe = {
  title: 'From a friend',
  note: 'Watch <img src=x onerror=alert(1)> the 3.',
  example: 'few-labels',
  schedule: { steps: 20, evaluateEvery: 20 },
};
const path = `#v2=${Buffer.from(JSON.stringify(recipe)).toString('base64url')}`;

test('a note and what comes next arrive with a link, and stay with the run', async () => {
  const { page, expectClean } = await open({ path });
  const result = page.getByRole('region', { name: 'Result' });
  await result.getByText(recipe.note, { exact: true }).waitFor();
  await result.getByText(/^Changed from the example: /).waitFor();
  await result.getByRole('button', { name: 'Start', exact: true }).click();
  await result.getByText(/^finished after/).waitFor({ timeout: 150_000 });
  await result.getByRole('button', { name: 'Next: Clothes, ten labels a class' }).waitFor();

  await page.goto('about:blank');
  await page.goBack();
  await page.getByRole('button', { name: 'Run 1: more' }).click();
  await page.getByRole('menuitem', { name: 'Take its recipe' }).click();
  await page
    .getByRole('button', { name: /^(#?1|Run 1|1) ?From a friend/ })
    .first()
    .click();
  expect(await page.evaluate(() => document.querySelectorAll('img[src="x"]').length)).toBe(0);
  await expect.poll(() => page.evaluate(() => location.hash.length)).toBeGreaterThan(100);
  expectClean();
});
