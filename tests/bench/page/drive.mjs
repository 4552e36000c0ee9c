/** The built page as a visitor has it: how soon it shows a curve, how it answers while training, what it keeps. */
import { chromium } from 'playwright';
import { chromiumLaunch } from '../../../scripts/chromium.mjs';
import { servePreview } from '../../../scripts/prepare.mjs';
import { watchMemory } from './memory.mjs';

/** @typedef {import('playwright').Browser} Browser */
/** @typedef {import('playwright').Page} Page */
/** @typedef {{ tid: number, pid: number, name: string, ph: string, tdur?: number, args: { name?: string } }} TraceEvent */

/**
 * @returns {Promise<{ firstCurve: number, longTasks: number, longestTask: number, longCpuTasks: number, longestCpuTask: number, memory: import('./memory.mjs').MemoryAt[] | null }>}
 *   times in ms: from a cold load to the first point of a curve, Start being pressed as soon as it is there; tasks of
 *   the main thread over 50 ms and the longest, by the clock and by processor time; the page's memory after some runs (null
 *   off Linux)
 */
export async function measurePage() {
  const server = await servePreview({ host: '127.0.0.1', port: 4473 });
  const browser = await chromium.launch(await chromiumLaunch('best'));
  try {
    const firstCurve = await timeFirstCurve(browser, server.url);
    const tasks = await watchTasks(browser, server.url);
    const memory = await watchMemory(server.url);
    return { firstCurve, ...tasks, memory };
  } finally {
    await browser.close();
    await server.close();
  }
}

/**
 * Presses the first button called Start, without a look at the accessibility tree, which would be a task of its own.
 * @param {Page} page
 */
async function start(page) {
  const handle = await page.waitForFunction(() =>
    [...document.querySelectorAll('button')].find((one) => one.textContent === 'Start' && !one.disabled),
  );
  await handle.asElement()?.evaluate((button) => button.click());
}

/** @param {Browser} browser @param {string} url */
async function timeFirstCurve(browser, url) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(url, { waitUntil: 'commit' });
  await start(page);
  const milliseconds = await page.waitForFunction(
    () =>
      [...document.querySelectorAll('main [data-plot] path')].some((path) =>
        path.getAttribute('d')?.includes('L'),
      ) && performance.now(),
    undefined,
    { polling: 'raf', timeout: 120_000 },
  );
  const time = Math.round(Number(await milliseconds.jsonValue()));
  await page.context().close();
  return time;
}

/** @param {Browser} browser @param {string} url */
async function watchTasks(browser, url) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(url);
  await untilReady(page);
  await page.evaluate(() => {
    const tasks = /** @type {number[]} */ ([]);
    Object.assign(window, { benchTasks: tasks });
    new PerformanceObserver((list) =>
      tasks.push(...list.getEntries().map(({ duration }) => duration)),
    ).observe({ type: 'longtask' });
  });
  const session = await browser.newBrowserCDPSession();
  const events = /** @type {TraceEvent[]} */ ([]);
  session.on('Tracing.dataCollected', ({ value }) =>
    events.push(.../** @type {TraceEvent[]} */ (/** @type {unknown} */ (value))),
  );
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel'] },
  });
  await start(page);
  await page.waitForTimeout(8000);
  const traced = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await traced;
  const clock = await page.evaluate(
    () => /** @type {{ benchTasks: number[] }} */ (/** @type {unknown} */ (window)).benchTasks,
  );
  await page.context().close();
  const mains = new Set(
    events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(threadOf),
  );
  const processor = events
    .filter((event) => event.ph === 'X' && event.name.endsWith('RunTask') && mains.has(threadOf(event)))
    .map(({ tdur = 0 }) => tdur / 1000);
  return {
    longTasks: clock.length,
    longestTask: Math.round(Math.max(0, ...clock)),
    longCpuTasks: processor.filter((milliseconds) => milliseconds > 50).length,
    longestCpuTask: Math.round(Math.max(0, ...processor)),
  };
}

/** @param {TraceEvent} event */
function threadOf({ pid, tid }) {
  return `${pid}:${tid}`;
}

/** The device is chosen and the first recipe is there. @param {Page} page */
async function untilReady(page) {
  await page.locator('button[aria-label^="Device: "][aria-label*=","]').waitFor({ timeout: 120_000 });
  await page.waitForTimeout(2000);
}
