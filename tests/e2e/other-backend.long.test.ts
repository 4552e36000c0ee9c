import type { Page } from 'playwright';
import { expect, inject, test } from 'vitest';
import { openExport } from './export-dialog';
import { contentOf, useBrowser } from './harness';
import { endlessRun, holdAfter, link, result, shelf, start, stop } from './run-page';
import { trainingWorker } from './training-worker';

const open = useBrowser();

/** Begun on a machine whose WebGPU works. */
async function begunOnWebgpu(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((done, failed) => {
        const opening = indexedDB.open('retort');
        opening.onerror = () => failed(opening.error!);
        opening.onsuccess = () => {
          const change = opening.result.transaction('progress', 'readwrite');
          const rows = change.objectStore('progress');
          const reading = rows.getAll();
          reading.onsuccess = () =>
            reading.result.forEach((row: object) => rows.put({ ...row, backend: 'webgpu' }));
          change.oncomplete = () => {
            opening.result.close();
            done();
          };
        };
      }),
  );
}

test('a run that goes on with another backend says so, in its charts, in the list of runs, in files, and after a reload', async () => {
  const { page } = await open({ path: link({ ...endlessRun, title: 'Moved' }) });
  await start(page);
  await holdAfter(page, 5);
  await stop(page);
  await begunOnWebgpu(page);
  await page.goto(inject('url'));
  await page.getByRole('button', { name: /^Device: .+, .+/ }).waitFor();
  await (
    await trainingWorker(page)
  ).evaluate(() => Object.defineProperty(navigator, 'gpu', { value: undefined, configurable: true }));

  await shelf(page).getByRole('button', { name: 'Run 1: more' }).click();
  const item = page.getByRole('menuitem', { name: /^Resume from step \d+$/ });
  const step = 1 + Number(/\d+/.exec(await item.innerText())![0]);
  await item.click();
  await holdAfter(page, step);
  const sentence = `The run was computed on WebGPU so far, which does not work here now. The run goes on with WebAssembly from step ${step}; its last digits differ.`;
  const expectToldEverywhere = async () => {
    await result(page).getByText(sentence).waitFor();
    const marks = page.getByRole('button', { name: `Step ${step}: WebGPU → WebAssembly` });
    // One in each chart of the phase.
    await marks.nth(1).waitFor();
    const row = shelf(page).getByText('on WebAssembly');
    await row.waitFor();
    expect(await row.getAttribute('title')).toBe(`WebGPU, from step ${step} WebAssembly`);
  };
  await expectToldEverywhere();
  await stop(page);

  await page.goto('about:blank');
  await page.goto(inject('url'));
  await shelf(page).getByText('Moved').click();
  await expectToldEverywhere();

  const dialog = await openExport(page);
  const save = async (name: string) => {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name }).click(),
    ]);
    return (await contentOf(file)).toString();
  };
  const metrics = JSON.parse(await save('All of it, JSON')) as { backend: string; backends: object[] };
  expect(metrics.backends.at(-1)).toMatchObject({ name: 'wasm', from: { phase: 'student', step } });
  const report = await save('Report, HTML');
  expect(report).toContain('WebGPU → WebAssembly');
});
