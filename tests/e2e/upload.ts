/** Gives the page files of data, and finds what it says of them. */
import type { Page } from 'playwright';

export async function upload(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  await page.getByRole('heading', { level: 1, name: 'Retort' }).waitFor();
  await page.keyboard.press('d');
  await page
    .getByLabel('Data files')
    .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) });
}

/** The report of the last upload, once it can be used. */
export function reportOf(page: Page) {
  return page.getByRole('dialog').filter({ has: page.getByRole('button', { name: 'Use it' }) });
}
