/** What nothing keeps is never lost without a question. */
import { expect, test } from 'vitest';
import { contentOf, useBrowser } from './harness';
import { link, result } from './run-page';

const open = useBrowser();

const recipe = { title: 'Short', schedule: { steps: 20, evaluateEvery: 20 } };
/** A link of the first version. */
const path = link(recipe, 1);

test('an experiment is kept with its runs, and leaves without a question', async () => {
  const { page, expectClean } = await open({ path });
  await result(page).getByText('Multiply-adds').waitFor();
  await page.getByRole('button', { name: 'Experiment', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Experiment', exact: true });
  await dialog.getByRole('textbox', { name: 'Seeds' }).fill('1');
  await dialog.getByRole('button', { name: /^Start \d runs/ }).click();
  await dialog.getByText(/^2 of 2 runs\.$/).waitFor();
  await page.reload();

  await page.getByRole('button', { name: 'Show the runs of 2 methods' }).click();
  const runs = page.getByRole('region', { name: 'Runs' });
  expect(await runs.getByRole('listitem').count()).toBe(3);
  await page.getByRole('button', { name: 'Experiment', exact: true }).click();
  await dialog.getByRole('button', { name: /^2 methods/ }).click();
  await dialog.getByText(/^2 of 2 runs\.$/).waitFor();
  await dialog.getByRole('button', { name: 'Save …' }).click();
  const file = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Runs as CSV' }).click();
  const lines = (await contentOf(await file)).toString().trim().split('\n');
  expect(lines).toHaveLength(3);
  await dialog.getByRole('button', { name: 'Show all 2 runs' }).click();
  await dialog.getByRole('button', { name: 'Labels only, seed 1', exact: true }).click();
  await page.getByRole('heading', { name: 'Labels only' }).first().waitFor();
  expectClean();

  const gone = page.waitForEvent('close');
  await page.close({ runBeforeUnload: true });
  await gone;
});
