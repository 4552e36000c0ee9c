import type { Locator, Page } from 'playwright';

/** Opens the dialog that saves the first run and its networks. */
export async function openExport(page: Page): Promise<Locator> {
  await page.getByRole('region', { name: 'Runs' }).getByRole('button', { name: 'Run 1: more' }).click();
  await page.getByRole('menuitem', { name: 'Save and export' }).click();
  return page.getByRole('dialog').filter({ hasText: 'ONNX' });
}
