/** What nothing keeps is never lost without a question. */
import { expect, test } from 'vitest';
import { contentOf, useBrowser } from './harness';
import { link, result } from './run-page';

const open = useBrowser();

const recipe = { title: 'Short', schedule: { steps: 20, evaluateEvery: 20 } };
/** A link of the first version. */
const path = link(recipe, 1);

test('an experiment is asked for before the page goes and before another one takes its place', async () => {
  const { page, expectClean } = await open({ path });
  await result(page).getByText('Multiply-adds').waitFor();
  await page.getByRole('button', { name: 'Experiment', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Experiment', exact: true });
  await dialog.getByRole('textbox', { name: 'Seeds' }).fill('1');
  await dialog.getByRole('button', { name: /^Start \d runs/ }).click();

  const asked = page.waitForEvent('dialog');
  await page.close({ runBeforeUnload: true });
  const leaving = await asked;
  expect(leaving.type()).toBe('beforeunload');
  await leaving.dismiss();
  await dialog.getByText(/^2 of 2 runs\.$/).waitFor();

  await dialog.getByRole('button', { name: 'New experiment' }).click();
  const question = page.getByRole('dialog', { name: 'Save the experiment first?' });
  await question.waitFor();
  await page.keyboard.press('Escape');
  await question.waitFor({ state: 'hidden' });
  expect(await dialog.getByText('2 of 2 runs.').isVisible(), 'the escape key is for the question').toBe(true);

  await dialog.getByRole('button', { name: 'New experiment' }).click();
  const file = page.waitForEvent('download');
  await question.getByRole('button', { name: 'Save the runs as CSV' }).click();
  const lines = (await contentOf(await file)).toString().trim().split('\n');
  expect(lines).toHaveLength(3);
  await dialog.getByRole('button', { name: /^Start \d runs/ }).waitFor();
  expectClean();

  const gone = page.waitForEvent('close');
  await page.close({ runBeforeUnload: true });
  await gone;
});
