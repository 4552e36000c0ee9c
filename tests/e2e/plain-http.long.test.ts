/** The page as a class gets it: over plain http, from a host that is not this machine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../scripts/prepare.mjs';
import { openExport } from './export-dialog';
import { pictureZip } from './fixtures';
import { usePlainHttp } from './plain-http';
import { messages, result, shortRun, start, untilFinished } from './run-page';

const openPage = usePlainHttp();

test('images are imported and learned, a model is saved, and what is missing is said once', async () => {
  const { page, errors } = await openPage(shortRun);
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  await messages(page)
    .getByText(/only for pages that come over https/)
    .waitFor();

  await page.keyboard.press('d');
  await page
    .getByLabel('Data files')
    .setInputFiles({ name: 'stripes.zip', mimeType: 'application/zip', buffer: Buffer.from(pictureZip(30)) });
  await page.getByRole('button', { name: 'Use it', exact: true }).last().click();
  await start(page);
  await untilFinished(page);
  expect(await messages(page).getByText(/https/).count()).toBe(1);

  const dialog = await openExport(page);
  await dialog.getByRole('radio', { name: 'ONNX' }).check();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save the network' }).click(),
  ]);
  expect(readFileSync(await file.path()).length).toBeGreaterThan(1000);
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: /^Device: / }).click();
  await page.getByText('This page came over plain http.').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  expect(errors).toEqual([]);
});

test('a teacher of the user’s own is chosen from a file and teaches', async () => {
  const teacher = { kind: 'single', knobs: { source: 'file' } };
  const { page, errors } = await openPage({ ...shortRun, teacher });
  await page.getByRole('button', { name: /^Teacher Who teaches/ }).click();
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Choose its file' }).click(),
  ]);
  await chooser.setFiles(join(root, 'public', 'teachers', 'digits-8x8-cnn-16-32-64.safetensors'));
  // Between number and sign there is a narrow space.
  await page.getByText(/9\d\.\d\s%\s?accuracy on the test split/).waitFor();
  await start(page);
  await untilFinished(page);
  expect(await result(page).innerText()).toMatch(/Teacher\s+9\d\.\d\s%/);
  expect(errors).toEqual([]);
});
