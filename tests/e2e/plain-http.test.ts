/** The page as a class gets it: over plain http, from a host that is not this machine. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Browser, type Page } from 'playwright';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { chromiumLaunch } from '../../scripts/chromium.mjs';
import { root } from '../../scripts/prepare.mjs';
import { patience } from '../patience';
import { openExport } from './export-dialog';
import { pictureZip } from './fixtures';
import { link, messages, result, shortRun, start, untilFinished } from './run-page';

let home: string;
let browser: Browser;

beforeAll(async () => {
  const { args, ...launch } = await chromiumLaunch('software');
  const rules = '--host-resolver-rules=MAP retort.test 127.0.0.1';
  browser = await chromium.launch({ ...launch, args: [...args, rules] });
  const child = spawn(process.execPath, [join(root, 'scripts', 'start.mjs'), '--host', '--no-open'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  home = `http://retort.test:${/:(\d+)\//.exec(line)![1]}/`;
  return async () => {
    child.kill();
    await browser.close();
  };
});

async function openPage(recipe: object): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  onTestFinished(() => context.close());
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const errors: string[] = [];
  context.on('weberror', (error) => errors.push(String(error.error())));
  page.on('console', (message) => {
    // The server isolates its page, which Chromium leaves undone over plain http, and says so.
    const ofIsolation = message.text().includes('Cross-Origin-Opener-Policy');
    if (message.type() === 'error' && !ofIsolation) errors.push(message.text());
  });
  await page.goto(home + link({ ...recipe }));
  return { page, errors };
}

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
