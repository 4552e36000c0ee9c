import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { pictureZip } from './fixtures';
import { useBrowser } from './harness';

const open = useBrowser();

async function upload(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  await page.getByRole('heading', { level: 1, name: 'Retort' }).waitFor();
  await page.keyboard.press('d');
  await page
    .getByLabel('Image files')
    .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) });
}

test('a zip of class folders is shown, taken and trained on', async () => {
  const { page, expectClean } = await open();
  await upload(page, 'stripes.zip', pictureZip(30));
  const review = page.getByRole('dialog').filter({ has: page.getByRole('button', { name: 'Use it' }) });
  await review.getByRole('cell', { name: 'slant', exact: true }).waitFor();
  await review.getByRole('button', { name: 'Use it', exact: true }).last().click();

  const result = page.getByRole('region', { name: 'Result' });
  await result.getByRole('button', { name: 'Start', exact: true }).click();
  await result.getByText(/^finished after/).waitFor({ timeout: 150_000 });
  expectClean();
});

test('a file that cannot be read is refused in words, and the former set stays', async () => {
  const { page, expectClean } = await open();
  await upload(page, 'cut.zip', pictureZip(10).subarray(0, 700));
  await page.getByRole('button', { name: 'Back to the former set' }).click();
  await expect.poll(() => page.getByRole('button', { name: 'Back to the former set' }).count()).toBe(0);
  await page.keyboard.press('Escape');

  const start = page
    .getByRole('region', { name: 'Result' })
    .getByRole('button', { name: 'Start', exact: true });
  await start.click();
  await page
    .getByRole('group', { name: 'Run', exact: true })
    .getByRole('button', { name: 'Pause' })
    .waitFor();
  expectClean();
});
