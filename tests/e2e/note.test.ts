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
  await result.getByText(/^finished after/).waitFor();
  await result.getByRole('button', { name: 'Next: Clothes, ten labels a class' }).waitFor();

  // Without the link it comes from the stored run alone.
  const bare = page.url().replace(/#.*/, '');
  await page.goto('about:blank');
  await page.goto(bare);
  await page.getByRole('button', { name: 'Run 1: more' }).click();
  await page.getByRole('menuitem', { name: 'Take its recipe' }).click();
  const address = () => Buffer.from(new URL(page.url()).hash.slice(4), 'base64url').toString();
  await expect.poll(address).toContain(recipe.note);
  expect(await page.evaluate(() => document.querySelectorAll('img[src="x"]').length)).toBe(0);
  expectClean();
});
