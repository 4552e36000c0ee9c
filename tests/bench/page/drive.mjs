/** The built page as a visitor has it: how soon it shows a curve, how it answers while training, what it keeps. */
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright';
import { chromiumLaunch } from '../../../scripts/chromium.mjs';
import { servePreview } from '../../../scripts/prepare.mjs';

/** @typedef {import('playwright').Browser} Browser */
/** @typedef {import('playwright').Page} Page */
/** @typedef {{ tid: number, pid: number, name: string, ph: string, tdur?: number, args: { name?: string } }} TraceEvent */

/** Runs after which memory is looked at; the first one makes what all of them share. */
const runs = 20;

/**
 * @returns {Promise<{ firstCurve: number, longTasks: number, longestTask: number, longCpuTasks: number, longestCpuTask: number, growth: number | null }>}
 *   times in ms: from a cold load to the first point of a curve, Start being pressed as soon as it is there; tasks of
 *   the main thread over 50 ms and the longest, by the clock and by processor time; MB that the page's process has grown
 *   by between its first and its twentieth run, after collecting garbage (null off Linux)
 */
export async function measurePage() {
  const server = await servePreview({ host: '127.0.0.1', port: 4473 });
  const browser = await chromium.launch(await chromiumLaunch('best'));
  try {
    const firstCurve = await timeFirstCurve(browser, server.url);
    const tasks = await watchTasks(browser, server.url);
    const growth = await watchMemory(browser, server.url);
    return { firstCurve, ...tasks, growth };
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

/** @param {Browser} browser @param {string} url */
async function watchMemory(browser, url) {
  if (process.platform !== 'linux') return null;
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(url);
  await untilReady(page);
  let first = 0;
  let last = 0;
  for (let run = 1; run <= runs; run++) {
    await start(page);
    await page.waitForFunction(
      (number) => {
        const text = document.querySelector('section[aria-label="Result"]')?.textContent ?? '';
        return text.startsWith(`Run ${number}`) && text.includes('finished after');
      },
      run,
      { timeout: 300_000 },
    );
    if (run === 1) first = await memoryOf(browser, page);
    if (run === runs) last = await memoryOf(browser, page);
  }
  await page.context().close();
  return Math.round(last - first);
}

/**
 * Memory of the page's process, its workers among it, in MB; pages that it shares with other processes count by share.
 * @param {Browser} browser @param {Page} page
 */
async function memoryOf(browser, page) {
  const session = await page.context().newCDPSession(page);
  for (let time = 0; time < 3; time++) {
    await session.send('HeapProfiler.collectGarbage');
    // Makes workers collect theirs, and gives empty pages back.
    await session.send('Memory.simulatePressureNotification', { level: 'critical' });
    await page.waitForTimeout(1000);
  }
  await session.detach();
  const { processInfo } = await (await browser.newBrowserCDPSession()).send('SystemInfo.getProcessInfo');
  const sizes = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => {
      const [, kilobytes = '0'] =
        /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8')) ?? [];
      return (Number(kilobytes) * 1024) / 1e6;
    });
  return Math.max(0, ...sizes);
}

/** The device is chosen and the first recipe is there. @param {Page} page */
async function untilReady(page) {
  await page.locator('button[aria-label^="Device: "][aria-label*=","]').waitFor({ timeout: 120_000 });
  await page.waitForTimeout(2000);
}
