/** Runs and sets in the browser's storage; faults of it are a long test (`storage.long.test.ts`). */
import type { Page } from 'playwright';
import { expect, onTestFinished, test } from 'vitest';
import { serveWithoutStorage } from './denied-storage';
import { pictureZip } from './fixtures';
import { useBrowser } from './harness';
import { link, messages, result, shelf, shortRun, start, stop, untilFinished } from './run-page';
import { origin, savedRun } from './saved-run';
import { storedRuns } from './stored';

const open = useBrowser();

test('denied storage: a sentence, and runs go on until the tab is closed', async () => {
  const host = await serveWithoutStorage();
  onTestFinished(host.stop);
  const { page } = await open({ host: host.url, path: link(shortRun) });
  await messages(page).getByText('Runs cannot be kept here').waitFor();
  await start(page);
  await untilFinished(page);
  await shelf(page).getByRole('button', { name: 'Not stored' }).waitFor();
});

/** Names of the stored data sets. */
const storedSets = (page: Page) =>
  page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('datasets').catch(() => null);
    const names: string[] = [];
    if (folder) for await (const name of folder.keys()) names.push(name);
    return names;
  });

test('own images are stored once, shown and studied after a reload, and outlive a storage that is cleared', async () => {
  const { page } = await open({ path: link(shortRun) });
  const read = async (pictures: number) => {
    await page.getByRole('heading', { level: 1, name: 'Retort' }).waitFor();
    await page.keyboard.press('d');
    await page.getByLabel('Data files').setInputFiles({
      name: 'stripes.zip',
      mimeType: 'application/zip',
      buffer: Buffer.from(pictureZip(pictures)),
    });
    await page.getByRole('button', { name: 'Keep the previous set' }).waitFor();
  };
  const finish = async () => {
    await start(page);
    await untilFinished(page);
  };
  await read(20);
  expect(await storedSets(page)).toHaveLength(1);
  await page.getByRole('button', { name: 'Keep the previous set' }).click();
  await expect.poll(() => storedSets(page)).toEqual([]);

  await read(30);
  await page.getByRole('button', { name: 'Use it', exact: true }).last().click();
  await finish();
  const [set] = await storedSets(page);
  expect(set).toMatch(/^[0-9a-f]{64}$/);
  await page.reload();
  await page.getByRole('button', { name: /^Data What is studied/ }).click();
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  const strip = page.getByRole('listbox', { name: 'Images of across' }).locator('canvas').first();
  const shades = () =>
    strip.evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, 8, 8);
      return new Set(data.filter((_, i) => i % 4 === 0)).size;
    });
  await expect.poll(shades).toBeGreaterThan(1);
  await page.keyboard.press('Escape');
  await finish();

  const tools = await page.context().newCDPSession(page);
  await tools.send('Storage.clearDataForOrigin', {
    origin: origin(),
    storageTypes: 'all',
  });
  await finish();
  await expect.poll(() => storedSets(page)).toEqual([set]);
  await expect.poll(async () => (await storedRuns(page)).at(-1)?.state).toBe('finished');
});

test('runs come back after a reload with their curves, and one that was deleted can be taken back', async () => {
  const { page } = await savedRun(open);
  await stop(page);
  await page.reload();
  await shelf(page)
    .getByText(/, stopped$/)
    .waitFor();
  const entry = shelf(page).getByRole('button', { name: /^1 Stored/ });
  expect(await entry.locator('svg path').last().getAttribute('d')).toMatch(/L/);
  await entry.click();
  await result(page)
    .getByText(/^stopped after/)
    .waitFor();

  await shelf(page).getByRole('button', { name: 'Run 1: more' }).click();
  await page.getByRole('menuitem', { name: 'Name and notes' }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Renamed');
  await page.getByRole('textbox', { name: 'Notes' }).fill('Worth a second look.');
  await page.getByRole('button', { name: 'Keep' }).click();

  const throwAway = async () => {
    await shelf(page).getByRole('button', { name: 'Run 1: more' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await messages(page).getByText('Run 1 was deleted').waitFor();
  };
  await throwAway();
  await messages(page).getByRole('button', { name: 'Undo' }).click();
  await shelf(page).getByText('Renamed').waitFor();
  await page.reload();
  await shelf(page).getByText('Renamed').waitFor();

  await page.clock.install();
  await throwAway();
  // Past the time in which it can be taken back.
  await page.clock.fastForward(60_000);
  await expect.poll(async () => (await storedRuns(page)).length).toBe(0);
  const left = () =>
    page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const names: string[] = [];
      for await (const name of (await root.getDirectoryHandle('runs')).keys()) names.push(name);
      return names;
    });
  // Its files go after its row.
  await expect.poll(left).toEqual([]);
});
