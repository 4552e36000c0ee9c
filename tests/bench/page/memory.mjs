/** What the page's process keeps of its runs, at rest. */
import { readFileSync } from 'node:fs';
import { openBarePage } from './browser.mjs';

/** @typedef {import('./browser.mjs').BarePage} BarePage */
/** @typedef {{ run: number, busy: number, rest: number, heap: number, nodes: number }} MemoryAt */

/** Runs after which memory is looked at; the first two make what all of them share. */
const looks = [2, 20, 40];

/**
 * Seconds in which the browser gives back what it kept for allocations to come: V8 its young generations, which grow to some 40 MB
 * and are no part of what the page holds.
 */
const rest = 25;

/**
 * @param {string} url
 * @returns {Promise<MemoryAt[] | null>} after some runs: MB of the page's process beside the mapped files of the browser, as
 *   a run ends (`busy`) and at rest; live JavaScript heap of the page in MB, and nodes of its document. Null off Linux
 */
export async function watchMemory(url) {
  if (process.platform !== 'linux') return null;
  const page = await openBarePage(url);
  try {
    await page.until(`document.querySelector('button[aria-label^="Device: "][aria-label*=","]') !== null`);
    /** @type {MemoryAt[]} */
    const found = [];
    for (let run = 1; run <= looks.at(-1); run++) {
      await page.until(`(() => {
        const start = [...document.querySelectorAll('button')].find((one) => one.textContent === 'Start' && !one.disabled);
        start?.click();
        return start !== undefined;
      })()`);
      await page.until(`(() => {
        const text = document.querySelector('section[aria-label="Result"]')?.textContent ?? '';
        return text.startsWith('Run ${run}') && text.includes('finished after');
      })()`);
      if (looks.includes(run)) found.push({ run, ...(await memoryOf(page)) });
    }
    return found;
  } finally {
    await page.close();
  }
}

/** @param {BarePage} page @returns {Promise<Omit<MemoryAt, 'run'>>} */
async function memoryOf(page) {
  const busy = await ownMemory(page);
  await seconds(rest);
  for (let time = 0; time < 3; time++) {
    await page.send('HeapProfiler.collectGarbage');
    await page.send('Memory.simulatePressureNotification', { level: 'critical' });
    await seconds(1);
  }
  const { usedSize } = await page.send('Runtime.getHeapUsage');
  const { nodes } = await page.send('Memory.getDOMCounters');
  return { busy, rest: await ownMemory(page), heap: rounded(usedSize / 1e6), nodes };
}

/**
 * Of the largest process that shows a page, workers among it: what it has for itself, without pages of files.
 * @param {BarePage} page
 */
async function ownMemory(page) {
  const { processInfo } = await page.sendToBrowser('SystemInfo.getProcessInfo');
  const sizes = processInfo
    .filter((/** @type {{ type: string }} */ { type }) => type === 'renderer')
    .map((/** @type {{ id: number }} */ { id }) => {
      const [, kilobytes = '0'] =
        /^Pss_Anon:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8')) ?? [];
      return (Number(kilobytes) * 1024) / 1e6;
    });
  return rounded(Math.max(0, ...sizes));
}

/** @param {number} value */
function rounded(value) {
  return Math.round(value * 10) / 10;
}

/** @param {number} count */
function seconds(count) {
  return new Promise((resolve) => setTimeout(resolve, count * 1000));
}
