/** Experiments in the visible page: how many teachers they train, and how long it does not answer while it opens one of 300 cells. */
import { setTimeout as later } from 'node:timers/promises';
import { chromiumLaunch } from '../../../scripts/chromium.mjs';
import { servePreview } from '../../../scripts/prepare.mjs';

const methods = ['labels-only', 'kd', 'dkd', 'dist', 'lskd', 'fitnet', 'at', 'sp', 'rkd', 'pkt'];
/** A convolutional student: some methods read feature maps. */
const base = {
  material: { dataset: 'digits-8x8' },
  student: { network: 'cnn-8-16-32' },
  schedule: { steps: 200, evaluateEvery: 20 },
};
const title = 'Bench';
/** 10 methods, 10 rates, 3 seeds. */
const seeds = [1, 2, 3];
const rates = { knob: 'schedule.learningRate', from: 0.0003, to: 0.01, count: 10, scale: 'log' };
const experiment = {
  version: 2,
  title,
  base,
  seeds,
  entries: methods.map((method) => ({ method })),
  axes: [rates],
};

/**
 * @typedef {{ benchWatch: { kind: 'task' | 'input', ms: number }[] }} Watched
 * @typedef {object} Stage
 * @property {string} stage what was done
 * @property {number} longestTask milliseconds of the longest task of the main thread (0: none of 50 ms or more)
 * @property {number} longTasks how many took 50 ms or more
 * @property {number} inputDelay milliseconds that the slowest key press waited
 * @property {number} ms until it was done
 */

/**
 * Ten cells are trained; the others are copies of them with the rates and seeds that they would have had.
 * @returns {Promise<Stage[]>}
 */
export function measureOpening() {
  return inPage(async (page) => {
    await carryOut(page, { ...experiment, seeds: [1], axes: [] });
    await page.evaluate(multiply, { experiment, times: rates.count * seeds.length });
    return stagesOf(page);
  });
}

/**
 * Carries out two experiments that share their teachers.
 * @returns {Promise<number[]>} teachers that each of them trained
 */
export function countTeachers() {
  return inPage(async (page) => {
    const teacher = { kind: 'single', knobs: { source: 'train', network: 'mlp-64', epochs: 2 } };
    const shared = { ...experiment, base: { ...base, teacher }, axes: [] };
    const trained = [];
    for (const chosen of [
      ['kd', 'dkd'],
      ['dist', 'fitnet'],
    ]) {
      const start = Date.now();
      await page.reload();
      await carryOut(page, { ...shared, entries: chosen.map((method) => ({ method })) });
      const times = await page.evaluate(teacherTimes);
      trained.push(times.filter((at) => at >= start).length);
    }
    return trained;
  });
}

/**
 * @template R
 * @param {(page: import('playwright').Page) => Promise<R>} work
 * @returns {Promise<R>}
 */
async function inPage(work) {
  const { chromium } = await import('playwright');
  const server = await servePreview({ host: '127.0.0.1', port: 4474 });
  const browser = await chromium.launch(await chromiumLaunch('best'));
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.setDefaultTimeout(300_000);
    await page.addInitScript(watchTasks);
    await page.goto(server.url);
    return await work(page);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** @param {import('playwright').Page} page */
const dialogOf = (page) => page.getByRole('dialog', { name: 'Experiment', exact: true });
/** @param {import('playwright').Page} page */
const openerOf = (page) => page.getByRole('button', { name: 'Experiment', exact: true });

/**
 * Opens an experiment from a file and waits for its end.
 * @param {import('playwright').Page} page
 * @param {{ seeds: number[], entries: unknown[], [part: string]: unknown }} file
 */
async function carryOut(page, file) {
  await openerOf(page).click();
  const dialog = dialogOf(page);
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    dialog.getByRole('button', { name: 'Open an experiment file…' }).click(),
  ]);
  const buffer = Buffer.from(JSON.stringify(file));
  await chooser.setFiles({ name: 'bench.json', mimeType: 'application/json', buffer });
  await dialog.getByRole('button', { name: 'Start', exact: true }).click();
  const all = file.entries.length * file.seeds.length;
  await dialog.getByText(`${all} of ${all} runs.`).waitFor();
  if (await dialog.getByRole('button', { name: /failed runs? again/ }).count())
    throw new Error('Some runs of the bench’s experiment failed.');
  // After its last run it measures latencies, which it stores with its results.
  while (!(await page.evaluate(hasEnded))) await later(100);
}

/** @param {import('playwright').Page} page @returns {Promise<Stage[]>} */
async function stagesOf(page) {
  /** @type {Stage[]} */
  const stages = [];
  /**
   * Presses a button and a key again and again. Looking for parts of the page by their role costs its main thread time,
   * so that nothing is looked for by role meanwhile.
   * @param {string} stage @param {import('playwright').Locator} button @param {string} done selector of what appears
   */
  const measure = async (stage, button, done) => {
    const handle = await button.elementHandle();
    await page.evaluate(
      () => void (/** @type {Watched} */ (/** @type {unknown} */ (window)).benchWatch.splice(0)),
    );
    const start = performance.now();
    let over = false;
    const pressing = (async () => {
      while (!over) {
        await page.keyboard.press('Shift');
        await later(40);
      }
    })();
    let ms;
    try {
      await handle?.click();
      await page.waitForSelector(done);
      ms = performance.now() - start;
      await later(3000);
    } finally {
      over = true;
      await pressing;
    }
    const seen = await page.evaluate(
      () => /** @type {Watched} */ (/** @type {unknown} */ (window)).benchWatch,
    );
    const of = (/** @type {'task' | 'input'} */ wanted) =>
      seen.flatMap(({ kind, ms: took }) => (kind === wanted ? [took] : []));
    stages.push({
      stage,
      longestTask: Math.round(Math.max(0, ...of('task'))),
      longTasks: of('task').length,
      inputDelay: Math.round(Math.max(0, ...of('input'))),
      ms: Math.round(ms),
    });
  };
  await page.reload();
  const open = openerOf(page);
  const dialog = dialogOf(page);
  await open.waitFor();
  await later(3000);
  await measure('open the dialog', open, 'section[aria-label="Stored experiments"]');
  const stored = dialog.getByRole('button', { name: `${title} 300 of 300 runs` });
  await measure('open the experiment', stored, 'table[aria-labelledby=experiment-table] tr:nth-child(100)');
  const all = dialog.getByRole('button', { name: 'Show all 300 runs' });
  await measure('show all runs', all, 'button[aria-expanded=true] >> text=Hide the runs');
  const curves = dialog.getByRole('button', { name: /^Read the curves/ });
  await measure(
    'read curves',
    curves,
    'section[aria-label="Curves with bands"]:not(:has(button:has-text("Read the curves")))',
  );
  return stages;
}

/** Runs in the page: it must stand alone. */
function watchTasks() {
  /** @type {{ kind: 'task' | 'input', ms: number }[]} */
  const seen = [];
  Object.assign(window, { benchWatch: seen });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.push({ kind: 'task', ms: duration });
  }).observe({ type: 'longtask' });
  new PerformanceObserver((list) => {
    for (const entry of /** @type {PerformanceEventTiming[]} */ (list.getEntries()))
      if (entry.name === 'keydown') seen.push({ kind: 'input', ms: entry.processingStart - entry.startTime });
  }).observe(/** @type {any} */ ({ type: 'event', durationThreshold: 16 }));
}

/**
 * Runs in the page: it must stand alone.
 * @param {{ experiment: { seeds: number[], entries: unknown[] }, times: number }} order
 */
async function multiply({ experiment, times }) {
  /** @param {any} request @returns {Promise<any>} */
  const asked = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error(String(request.error)));
    });
  const database = await asked(indexedDB.open('retort'));
  const work = database.transaction(['experiments', 'runs', 'progress', 'log'], 'readwrite');
  /** @param {string} name */
  const store = (name) => work.objectStore(name);
  const [row] = await asked(store('experiments').getAll());
  const [runs, progress, log] = [
    await asked(store('runs').getAll()),
    await asked(store('progress').getAll()),
    await asked(store('log').getAll()),
  ];
  const values = times / experiment.seeds.length;
  const cells = [];
  for (const seed of experiment.seeds)
    for (let entry = 0; entry < experiment.entries.length * values; entry++) {
      const from = row.cells[Math.floor(entry / values)];
      const id = crypto.randomUUID();
      const copy = { ...runs.find((/** @type {any} */ run) => run.id === from.run), id };
      copy.recipe = { ...copy.recipe, seed };
      copy.number = cells.length + 100;
      store('runs').put(copy);
      store('progress').put({ ...progress.find((/** @type {any} */ { run }) => run === from.run), run: id });
      for (const chunk of log) if (chunk.run === from.run) store('log').put({ ...chunk, run: id });
      // Otherwise all seeds would agree, and nothing would have to be estimated.
      /** @type {number} */
      const shift = 0.01 * Math.sin(12.9898 * cells.length);
      cells.push({
        entry,
        seed,
        run: id,
        result: { ...from.result, entry, seed, student: from.result.student + shift },
      });
    }
  store('experiments').put({ ...row, file: experiment, cells, state: 'ended' });
  await new Promise((resolve, reject) => {
    work.oncomplete = () => resolve(null);
    work.onerror = () => reject(new Error(String(work.error)));
  });
  database.close();
}

/** Runs in the page: it must stand alone. Whether all stored experiments are over. @returns {Promise<boolean>} */
function hasEnded() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('retort');
    opening.onsuccess = () => {
      const reading = opening.result.transaction('experiments').objectStore('experiments').getAll();
      reading.onsuccess = () => {
        opening.result.close();
        resolve(reading.result.every((/** @type {{ state: string }} */ { state }) => state === 'ended'));
      };
      reading.onerror = () => reject(new Error(String(reading.error)));
    };
    opening.onerror = () => reject(new Error(String(opening.error)));
  });
}

/** Runs in the page: it must stand alone. When each kept teacher was trained, in milliseconds since 1970. @returns {Promise<number[]>} */
function teacherTimes() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('retort');
    opening.onsuccess = () => {
      const reading = opening.result.transaction('keptTeachers').objectStore('keptTeachers').getAll();
      reading.onsuccess = () => {
        opening.result.close();
        resolve(reading.result.map((/** @type {{ at: number }} */ { at }) => at));
      };
      reading.onerror = () => reject(new Error(String(reading.error)));
    };
    opening.onerror = () => reject(new Error(String(opening.error)));
  });
}
