import { strFromU8, unzipSync } from 'fflate';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { openExport } from './export-dialog';
import { contentOf, useBrowser } from './harness';
import { link, shortRun, start, untilFinished } from './run-page';

const open = useBrowser();

const table = [
  'id,island,length (mm),flipper,species',
  ...Array.from({ length: 80 }, (_, row) =>
    [
      `p${row}`,
      row % 3 ? 'Biscoe' : '',
      30 + row / 4,
      row % 9 ? 180 + (row % 7) : 'NA',
      row % 2 ? 'a' : 'b',
    ].join(),
  ),
].join('\n');

/** Learns numbers from a small teacher of its own. */
const recipe = {
  ...shortRun,
  teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-32', epochs: 2 } },
  hints: [{ id: 'logits' }],
};

function reportOf(page: Page) {
  return page.getByRole('dialog').filter({ has: page.getByRole('button', { name: 'Use it' }) });
}

/** The table of columns, in the report of an import or in the view of the set. */
function columnsOf(page: Page) {
  return page.getByRole('region', { name: 'Columns' });
}

test('a table is read as columns, learned by another of them where the user says so, looked at and trained to the end', async () => {
  const { page, expectClean } = await open({ path: link(recipe) });
  await page.getByRole('heading', { level: 1, name: 'Retort' }).waitFor();
  await page.keyboard.press('d');
  await page
    .getByLabel('Data files')
    .setInputFiles({ name: 'birds.csv', mimeType: 'text/csv', buffer: Buffer.from(table) });
  const report = reportOf(page);
  await report.getByText('Loaded 64 training and 16 test rows, 2 classes').waitFor();
  const columns = columnsOf(page);
  await columns.getByRole('row', { name: /^id left out is another text in every row/ }).waitFor();
  await columns.getByRole('row', { name: /^species is learned/ }).waitFor();

  await report.getByRole('combobox', { name: 'To learn' }).click();
  await page.getByRole('option', { name: 'length (mm)' }).click();
  await report.getByRole('button', { name: 'Read again' }).click();
  await report.getByText('1 number (mm)').first().waitFor();
  await columns.getByRole('row', { name: /^length \(mm\) is learned/ }).waitFor();
  await report.getByRole('button', { name: 'Use it', exact: true }).last().click();
  await page.getByRole('button', { name: /^Data What is studied/ }).click();
  await page.getByRole('button', { name: 'Look' }).click();
  await columns.getByRole('row', { name: /^length is learned mm/ }).waitFor();
  await columns.getByRole('row', { name: /^flipper number gaps take 18\d and are marked/ }).waitFor();
  await page.keyboard.press('Escape');

  await start(page);
  await untilFinished(page);

  // The folder for PyTorch has the rows as the page trained on them.
  const dialog = await openExport(page);
  await dialog.getByRole('switch', { name: 'With the data' }).waitFor();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save the folder' }).click(),
  ]);
  const folder = unzipSync(await contentOf(file));
  const [, train] = Object.entries(folder).find(([path]) => path.endsWith('/data/train.safetensors'))!;
  const header = JSON.parse(strFromU8(train.subarray(8, 8 + train[0]! + 256 * train[1]!))) as object;
  expect(header).toMatchObject({
    inputs: { dtype: 'F32' },
    targets: { shape: [60, 1] },
    role: { shape: [60] },
  });
  expectClean();
});

test('a set that is drawn in the page is chosen from the bundled ones', async () => {
  const { page, expectClean } = await open();
  await page.getByRole('heading', { level: 1, name: 'Retort' }).waitFor();
  await page.keyboard.press('d');
  const moons = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Two moons' }) });
  await expect.poll(() => moons.innerText()).toContain('Drawn on this machine');
  await moons.getByRole('button', { name: 'Use it' }).click();
  await page.getByRole('button', { name: /^Data What is studied/ }).click();
  await page.getByText('600 to train on, 300 to test, 2 classes, 2 columns').waitFor();
  expectClean();
});
