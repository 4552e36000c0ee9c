import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { openExport } from './export-dialog';
import { contentOf, useBrowser } from './harness';
import { temporaryFolder } from './own-browser';
import { link, shortRun } from './run-page';
import { storedRuns } from './stored';

const open = useBrowser();

test('a run leaves as one file, is looked at before it is loaded, and is the same run in another browser', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'run.retort');
  const { page, expectClean } = await open({ path: link(shortRun) });
  const result = page.getByRole('region', { name: 'Result' });
  const shelf = page.getByRole('region', { name: 'Runs' });
  await shelf.getByRole('button', { name: / stored$/ }).waitFor();
  await result.getByRole('button', { name: 'Start', exact: true }).click();
  await result.getByText(/^finished after/).waitFor();
  await shelf.getByRole('button', { name: 'Run 1: more' }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: 'Whole run as one file' }).click(),
  ]);
  await file.saveAs(path);
  const [sent] = await storedRuns(page);
  expectClean();

  const there = await open();
  const otherShelf = there.page.getByRole('region', { name: 'Runs' });
  const choose = async (name: string) => {
    const add = otherShelf.getByRole('button', { name: 'Open a run file…' });
    const [chooser] = await Promise.all([there.page.waitForEvent('filechooser'), add.click()]);
    await chooser.setFiles(name);
  };
  await choose(path);
  const dialog = there.page.getByRole('dialog', { name: 'run.retort' });
  await dialog.getByText('which comes with the page').waitFor();
  expect(await storedRuns(there.page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Add to the runs' }).click();
  await there.page
    .getByRole('region', { name: 'Result' })
    .getByText(/^finished after/)
    .waitFor();
  expect(await storedRuns(there.page)).toEqual([sent]);

  const exports = await openExport(there.page);
  const [project] = await Promise.all([
    there.page.waitForEvent('download'),
    exports.getByRole('button', { name: 'Save the folder' }).click(),
  ]);
  const files = unzipSync(await contentOf(project));
  expect(Object.keys(files).filter((name) => name.endsWith('.safetensors'))).toHaveLength(3);
  await there.page.keyboard.press('Escape');

  const text = join(folder, 'text.retort');
  writeFileSync(text, 'This is a text.');
  await choose(text);
  await there.page.getByRole('alert').getByText('not a run').waitFor();
  there.expectClean();
});
