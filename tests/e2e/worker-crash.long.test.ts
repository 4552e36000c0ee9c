import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { openExport } from './export-dialog';
import { useBrowser } from './harness';
import { link, shortRun } from './run-page';
import { trainingWorker } from './training-worker';

const open = useBrowser();

/** The training worker dies of its next answer, which never leaves it. */
async function dieOfTheNextAnswer(page: Page): Promise<void> {
  const worker = await trainingWorker(page);
  await worker.evaluate(() => {
    self.postMessage = () =>
      void setTimeout(() => {
        throw new Error('A fault that nobody caught');
      });
  });
}

test('a training worker that dies while an export is pending: it is said, and the next export works without a reload', async () => {
  const { page } = await open({ path: link(shortRun) });
  const result = page.getByRole('region', { name: 'Result' });
  await result.getByRole('button', { name: 'Start', exact: true }).click();
  await result.getByText(/^finished after/).waitFor();
  const dialog = await openExport(page);
  const folder = dialog.getByRole('button', { name: 'Save the folder' });
  const model = dialog.getByRole('button', { name: 'Save the network' });

  for (const button of [folder, model]) {
    await dieOfTheNextAnswer(page);
    await button.click();
    await dialog.getByRole('alert').getByText('The training worker stopped').waitFor();
    // What is stored of the run is read by another worker.
    const [file] = await Promise.all([page.waitForEvent('download'), model.click()]);
    expect(file.suggestedFilename()).toMatch(/-student\.safetensors$/);
    await dialog.getByRole('alert').waitFor({ state: 'detached' });
  }
});
