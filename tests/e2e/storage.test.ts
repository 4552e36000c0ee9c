import type { CDPSession, Page } from 'playwright';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { serveWithoutStorage } from './denied-storage';
import { openBrowser, temporaryFolder } from './own-browser';
import { storedRuns } from './stored';

const runControls = (page: Page) => page.getByRole('group', { name: 'Run', exact: true });
const messages = (page: Page) => page.getByRole('region', { name: 'Messages' });
const shelf = (page: Page) => page.getByRole('region', { name: 'Shelf of runs' });
const result = (page: Page) => page.getByRole('region', { name: 'Result' });

function address(steps: number, host = inject('url')): string {
  const json = JSON.stringify({ title: 'Stored', schedule: { steps, evaluateEvery: 50 } });
  return `${host}#v1=${Buffer.from(json).toString('base64url')}`;
}

const origin = () => new URL(inject('url')).origin;

/** A page with a run that has been saved, and the browser's own tools. */
async function savedRun(steps: number): Promise<{ page: Page; tools: CDPSession }> {
  const { context } = await openBrowser(temporaryFolder());
  const page = await context.newPage();
  await page.goto(address(steps));
  await start(page);
  await expect.poll(async () => (await storedRuns(page)).at(-1)?.checkpoints.length ?? 0).toBeGreaterThan(0);
  return { page, tools: await context.newCDPSession(page) };
}

async function start(page: Page): Promise<void> {
  await runControls(page).getByRole('button', { name: 'Start', exact: true }).click();
}

async function stopAndSee(page: Page): Promise<void> {
  await runControls(page).getByRole('button', { name: 'Stop', exact: true }).click();
  await result(page)
    .getByText(/^stopped after/)
    .waitFor();
}

describe('storage that fails', () => {
  test('full: a sentence, training goes on, and it is saved again once there is room', async () => {
    const { page, tools } = await savedRun(50_000);
    await tools.send('Storage.overrideQuotaForOrigin', { origin: origin(), quotaSize: 1000 });
    await messages(page).getByText('Run 1 is not being saved').waitFor();
    expect(await messages(page).innerText()).toContain('no more room');
    await tools.send('Storage.overrideQuotaForOrigin', { origin: origin() });
    await messages(page).getByText('Run 1 is not being saved').waitFor({ state: 'detached' });
    await stopAndSee(page);
    const [run] = await storedRuns(page);
    const steps = run!.steps.find(({ phase }) => phase === 'student')!.steps;
    // Nothing that was told while there was no room is missing.
    expect(steps).toEqual(Array.from({ length: steps.length }, (_, i) => i + 1));
  });

  test('cleared while the run is on: a sentence, and training goes on in memory', async () => {
    const { page, tools } = await savedRun(50_000);
    await tools.send('Storage.clearDataForOrigin', { origin: origin(), storageTypes: 'all' });
    await messages(page).getByText('Run 1 is not being saved').waitFor();
    expect(await messages(page).innerText()).toContain('cleared');
    await stopAndSee(page);
    // The next run is stored again.
    await start(page);
    await expect
      .poll(async () => (await storedRuns(page)).at(-1)?.checkpoints.length ?? 0)
      .toBeGreaterThan(0);
  });

  test('denied: a sentence, and runs go on until the tab is closed', async () => {
    const host = await serveWithoutStorage();
    onTestFinished(host.stop);
    const { context } = await openBrowser(temporaryFolder());
    const page = await context.newPage();
    await page.goto(address(200, host.url));
    await messages(page).getByText('Runs cannot be kept here').waitFor();
    await start(page);
    await result(page)
      .getByText(/^finished after/)
      .waitFor();
    await shelf(page).getByRole('button', { name: 'Not stored' }).waitFor();
  });
});

test('a run whose stored states are damaged says so and keeps its curves; the others are as they were', async () => {
  const { page } = await savedRun(50_000);
  await stopAndSee(page);
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const runs = await root.getDirectoryHandle('runs');
    for await (const folder of runs.values()) {
      if (folder.kind !== 'directory') continue;
      for await (const file of (folder as FileSystemDirectoryHandle).values()) {
        if (file.kind !== 'file') continue;
        const stream = await (file as FileSystemFileHandle).createWritable({ keepExistingData: true });
        await stream.write({ type: 'write', position: 300, data: new Uint8Array([1, 2, 3, 4]) });
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

test('runs come back after a reload with their curves, and one that was thrown away can be taken back', async () => {
  const { page } = await savedRun(50_000);
  await stopAndSee(page);
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
    await page.getByRole('menuitem', { name: 'Throw away' }).click();
    await messages(page).getByText('Run 1 was thrown away').waitFor();
  };
  await throwAway();
  await messages(page).getByRole('button', { name: 'Undo' }).click();
  await shelf(page).getByText('Renamed').waitFor();
  await page.reload();
  await shelf(page).getByText('Renamed').waitFor();

  await throwAway();
  await expect.poll(async () => (await storedRuns(page)).length).toBe(0);
  const left = await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const names: string[] = [];
    for await (const name of (await root.getDirectoryHandle('runs')).keys()) names.push(name);
    return names;
  });
  expect(left).toEqual([]);
});
