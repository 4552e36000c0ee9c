/** Own sets in the browser's storage, and storage that is full, cleared or damaged while runs are in it. */
import type { Page } from 'playwright';
import { describe, expect, test } from 'vitest';
import { pictureZip } from './fixtures';
import { useBrowser } from './harness';
import {
  holdAfter,
  link,
  messages,
  pauseAfter,
  resume,
  runControls,
  shelf,
  shortRun,
  start,
  step,
  stepOf,
  stop,
  untilFinished,
} from './run-page';
import { origin, savedRun } from './saved-run';
import { storedRuns } from './stored';

const open = useBrowser();

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

describe('storage that fails', () => {
  test('full: a sentence, training goes on, and it is saved again once there is room', async () => {
    const { page, tools } = await savedRun(open);
    const notSaved = messages(page).getByText('Run 1 is not being saved');
    await tools.send('Storage.overrideQuotaForOrigin', {
      origin: origin(),
      quotaSize: 1000,
    });
    await step(page);
    await notSaved.waitFor();
    expect(await messages(page).innerText()).toContain('no more room');
    const held = await stepOf(page);
    await resume(page);
    await pauseAfter(page, held);
    await tools.send('Storage.overrideQuotaForOrigin', { origin: origin() });
    await resume(page);
    // A run that is held is saved without the pause that follows a fault.
    await holdAfter(page, await stepOf(page));
    await notSaved.waitFor({ state: 'detached' });
    await stop(page);
    const [run] = await storedRuns(page);
    const steps = run!.steps.find(({ phase }) => phase === 'student')!.steps;
    // Nothing that was told while there was no room is missing.
    expect(steps).toEqual(Array.from({ length: steps.length }, (_, i) => i + 1));
  });

  test('cleared while the run is on: a sentence, and training goes on in memory', async () => {
    const { page, tools } = await savedRun(open);
    await tools.send('Storage.clearDataForOrigin', {
      origin: origin(),
      storageTypes: 'all',
    });
    await step(page);
    await messages(page).getByText('Run 1 is not being saved').waitFor();
    expect(await messages(page).innerText()).toContain('cleared');
    const held = await stepOf(page);
    await resume(page);
    await pauseAfter(page, held);
    await stop(page);
    // The next run is stored again.
    await start(page);
    await holdAfter(page, 0);
  });
});

test('a run whose stored states are damaged says so and keeps its curves; the others are as they were', async () => {
  const { page } = await savedRun(open);
  await stop(page);
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const runs = await root.getDirectoryHandle('runs');
    for await (const folder of runs.values()) {
      if (folder.kind !== 'directory') continue;
      for await (const file of (folder as FileSystemDirectoryHandle).values()) {
        if (file.kind !== 'file') continue;
        const stream = await (file as FileSystemFileHandle).createWritable({
          keepExistingData: true,
        });
        await stream.write({
          type: 'write',
          position: 300,
          data: new Uint8Array([1, 2, 3, 4]),
        });
        await stream.close();
      }
    }
  });
  await page.reload();
  await shelf(page).getByRole('button', { name: 'Run 1: more' }).click();
  await page.getByRole('menuitem', { name: /^Resume from step/ }).click();
  await messages(page).getByText('Run 1 cannot go on').waitFor();
  expect(await messages(page).innerText()).toContain('damaged');
  const [run] = await storedRuns(page);
  expect(run!.steps.find(({ phase }) => phase === 'student')!.steps.length).toBeGreaterThan(10);
  // Another run can start.
  await start(page);
  await runControls(page).getByRole('button', { name: 'Pause' }).waitFor();
});
