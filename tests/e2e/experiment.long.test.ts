/** Experiments: their numbers depend neither on the number of workers nor on a browser that was killed on the way. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { expect, inject, test } from 'vitest';
import { runCommand } from './command';
import { folderWithOrders } from './ending';
import { writeFiles } from './fixtures';
import { openBrowser, temporaryFolder } from './own-browser';
import { link, messages } from './run-page';

const base = {
  title: 'Short',
  material: { dataset: 'digits-8x8' },
  teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-64', epochs: 2 } },
  student: { network: 'mlp-16' },
  schedule: { steps: 60, evaluateEvery: 20 },
};

/** Metrics of every run, without the times that were measured. */
function metricsIn(folder: string): Record<string, unknown> {
  const files = readdirSync(join(folder, 'cells')).toSorted();
  return Object.fromEntries(
    files.map((file) => {
      const metrics = JSON.parse(readFileSync(join(folder, 'cells', file), 'utf8')) as Record<
        string,
        unknown
      >;
      return [file, { ...metrics, seconds: 0, stepsPerSecond: 0, trainingSeconds: 0 }];
    }),
  );
}

test('one worker and two give the same numbers', async () => {
  const experiment = { version: 2, base, seeds: [1, 2], entries: [{ method: 'kd' }, { method: 'fitnet' }] };
  const folder = writeFiles(folderWithOrders(), { 'workers.json': JSON.stringify(experiment) });
  for (const workers of ['1', '2']) {
    const order = ['workers.json', '--workers', workers, '--out', workers, '--backend', 'wasm'];
    const { code, stderr } = await runCommand('experiment.mjs', order, folder);
    expect(code, stderr).toBe(0);
  }
  const one = metricsIn(join(folder, '1'));
  expect(Object.keys(one)).toHaveLength(4);
  expect(metricsIn(join(folder, '2'))).toEqual(one);
});

test('a command that was killed goes on from checkpoints, with the same numbers', async () => {
  const entries = [20_000, 50_000].map((steps) => ({
    method: 'kd',
    name: `${steps}`,
    set: { 'schedule.steps': steps, 'schedule.evaluateEvery': 1000 },
  }));
  const experiment = { version: 2, base, seeds: [1], entries };
  const folder = writeFiles(folderWithOrders(), { 'killed.json': JSON.stringify(experiment) });
  const carryOut = (out: string, killAt?: RegExp) =>
    runCommand(
      'experiment.mjs',
      ['killed.json', '--workers', '2', '--out', out, '--backend', 'wasm'],
      folder,
      killAt,
    );
  // The longer cell is under way when the shorter one has ended.
  expect((await carryOut('killed', /1\/2/)).code).toBeNull();
  const { code, stdout, stderr } = await carryOut('killed');
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/goes on from step [1-9]/);
  expect((await carryOut('whole')).code).toBe(0);
  expect(metricsIn(join(folder, 'killed'))).toEqual(metricsIn(join(folder, 'whole')));
  expect(existsSync(join(folder, 'killed', 'checkpoints'))).toBe(false);
});

const experimentOf = (page: Page) => page.getByRole('dialog', { name: 'Experiment', exact: true });

async function start(page: Page, workers: number): Promise<void> {
  await page.getByRole('button', { name: 'Experiment', exact: true }).click();
  const dialog = experimentOf(page);
  await dialog.getByRole('textbox', { name: 'Seeds' }).fill('2');
  await dialog.getByRole('button', { name: /^Start \d+ runs/ }).click();
  await dialog.getByRole('textbox', { name: 'Runs at a time' }).fill(String(workers));
}

/** What is stored of each run of the experiment, once all have ended: its log and the digest of the student's weights. */
async function endOf(page: Page): Promise<unknown[]> {
  await experimentOf(page)
    .getByRole('status')
    .first()
    .getByText(/^4 of 4 runs\.$/)
    .waitFor();
  return page.evaluate(readCells);
}

/** Runs in the page: it must stand alone. */
async function readCells(): Promise<unknown[]> {
  const asked = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error!);
    });
  const database = await asked(indexedDB.open('retort'));
  const all = <T>(store: string) =>
    asked(database.transaction(store).objectStore(store).getAll()) as Promise<T[]>;
  interface Stored {
    cells: { entry: number; seed: number; run: string; result: { failure: string | null } }[];
  }
  const [[experiment], progress, log] = await Promise.all([
    all<Stored>('experiments'),
    all<{ run: string; final: unknown; weights: { student: { digest: string; step: number } } }>('progress'),
    all<{
      run: string;
      entries: { type: string; steps: Int32Array; values: Record<string, Float64Array> }[];
    }>('log'),
  ]);
  database.close();
  return experiment!.cells.map(({ entry, seed, run, result }) => {
    const { final, weights } = progress.find((row) => row.run === run)!;
    const entries = log.filter((chunk) => chunk.run === run).flatMap((chunk) => chunk.entries);
    const told = entries.filter(({ type }) => type === 'steps');
    const losses: Record<string, number[]> = {};
    for (const { values } of told)
      for (const [name, numbers] of Object.entries(values)) (losses[name] ??= []).push(...numbers);
    const { digest, step } = weights.student;
    const steps = told.flatMap((chunk) => [...chunk.steps]);
    return { entry, seed, failure: result.failure, final, digest, step, steps, losses };
  });
}

test('an experiment that was killed twice ends as one that was not', async () => {
  const recipe = { ...base, version: 2, schedule: { steps: 24_000, evaluateEvery: 4000 } };
  const address = inject('url') + link(recipe);
  const profile = temporaryFolder();
  let browser = await openBrowser(profile);
  let page = await browser.context.newPage();
  await page.goto(address);
  await start(page, 2);
  for (let kill = 0; kill < 2; kill++) {
    // Past the first checkpoint of a cell.
    await experimentOf(page)
      .getByText(/^step [1-9]\d{2,} of/)
      .first()
      .waitFor();
    await page.waitForTimeout(4000);
    await browser.kill();
    browser = await openBrowser(profile);
    page = await browser.context.newPage();
    await page.goto(address);
    await messages(page).getByRole('button', { name: 'Continue' }).click();
  }
  const killed = await endOf(page);
  await browser.close();

  const other = await openBrowser(temporaryFolder());
  const calm = await other.context.newPage();
  await calm.goto(address);
  await start(calm, 1);
  const whole = await endOf(calm);
  expect(killed).toHaveLength(4);
  expect(killed).toEqual(whole);
  await other.close();
});
