import { expect, test } from 'vitest';
import { useBrowser } from './harness';
import { link } from './run-page';

const open = useBrowser();

test('a published weight is named, with the number it has here, and both are one click away', async () => {
  const recipe = {
    material: { dataset: 'digits-8x8' },
    student: { network: 'cnn-4-8-16' },
    hints: [{ id: 'at' }],
  };
  const { page, expectClean } = await open({ path: link(recipe) });
  const weight = page
    .getByRole('complementary', { name: 'Recipe' })
    .locator('[data-knob="hints.0.weight"]')
    .getByRole('spinbutton');
  await page.getByText('Published: 1000 at 32 px; 62.5 here at 8 px.').waitFor();
  expect(await weight.inputValue()).toBe('62.5');

  await page.getByRole('button', { name: 'Use 1000' }).click();
  expect(await weight.inputValue()).toBe('1000');
  await page.getByRole('button', { name: 'Use published, scaled' }).click();
  expect(await weight.inputValue()).toBe('62.5');

  // A number that is typed stays what it is.
  await weight.fill('7');
  await weight.press('Enter');
  await page.getByRole('button', { name: 'Use published, scaled' }).waitFor();
  expect(await weight.inputValue()).toBe('7');
  expectClean();
});
