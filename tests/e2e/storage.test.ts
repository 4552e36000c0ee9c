/** Runs in the browser's storage; faults of it, and sets in it, are a long test (`storage.long.test.ts`). */
import { expect, onTestFinished, test } from 'vitest';
import { serveWithoutStorage } from './denied-storage';
import { useBrowser } from './harness';
import { link, messages, result, shelf, shortRun, start, stop, untilFinished } from './run-page';
import { savedRun } from './saved-run';
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
