/** Opens the built headless page in a browser without a window and speaks to it. */
import { readdirSync, statSync } from 'node:fs';
import { cellReceiver } from './cell-receiver.mjs';
import { chromiumLaunch } from './chromium.mjs';
import { servePreview } from './prepare.mjs';

/** What the browser calls the server, whatever its port is: what it has stored is found again by this name. */
const storedHost = 'retort.localhost';

/**
 * Megabytes that a heap may fill before V8 looks at all of it. Each look drops the compiled code of functions that no one holds just
 * then, and between two short cells that is most of them: a third of the compiler's time went into doing the same again.
 */
const heapFlag = '--js-flags=--initial-old-space-size=128';

/**
 * @param {(line: string) => void} say
 * @param {string | null} profile a folder that keeps what the browser stores; without one it goes with the browser
 */
export async function openHeadless(say, profile = null) {
  const cells = cellReceiver();
  const server = await servePreview({ host: '127.0.0.1', port: 4273, middleware: cells.middleware });
  try {
    const { chromium } = await import('playwright');
    const chosen = await chromiumLaunch('best');
    const launch = { ...chosen, args: [...chosen.args, heapFlag] };
    if (profile === null) {
      const browser = await chromium.launch(launch);
      return await drive(await browser.newContext(), server.url, { say, cells }, async () => {
        await browser.close();
        await server.close();
      });
    }
    const rule = `--host-resolver-rules=MAP ${storedHost} 127.0.0.1:${server.port}`;
    const args = [...launch.args, rule];
    const context = await chromium.launchPersistentContext(profile, { ...launch, args });
    return await drive(context, `http://${storedHost}/`, { say, cells }, async () => {
      await context.close();
      await server.close();
    });
  } catch (error) {
    // A server that is left open would keep the command from ending.
    await server.close();
    throw error;
  }
}

/**
 * @param {import('playwright').BrowserContext} context
 * @param {string} url
 * @param {{ say: (line: string) => void, cells: ReturnType<typeof cellReceiver> }} ears
 * @param {() => Promise<void>} close
 */
async function drive(context, url, { say, cells }, close) {
  const page = await context.newPage();
  /** @type {Promise<never>} */
  const crash = new Promise((_, reject) => {
    const end = () =>
      reject(new Error('The browser ran out of memory or crashed. Try a smaller data set or network.'));
    page.on('crash', end);
    context.on('close', end);
  });
  // Only looked at while a call is under way.
  crash.catch(() => undefined);
  page.on('pageerror', (error) => console.error(error.message));
  await page.exposeFunction('retortSay', say);
  await page.goto(`${url}headless.html`);
  await page.waitForFunction(() => 'headless' in window);

  /**
   * @template T
   * @param {Promise<T>} call
   * @returns {Promise<T>}
   */
  const answered = async (call) => {
    try {
      return await Promise.race([call, crash]);
    } catch (error) {
      throw new Error(plainMessage(error), { cause: error });
    }
  };

  return {
    /**
     * Lays files and folders into the page, as one drop, and beside them files of a teacher.
     * @param {string[]} paths @param {string[]} [teacher]
     */
    async drop(paths, teacher = []) {
      if (teacher.length > 0) await page.setInputFiles('#teacher', teacher);
      const isFolder = (/** @type {string} */ path) => statSync(path).isDirectory();
      const files = paths.filter((path) => !isFolder(path));
      if (files.length > 0) await page.setInputFiles('#files', files);
      for (const folder of paths.filter(isFolder))
        // An empty folder changes nothing in the page, and the browser would wait for the change.
        if (readdirSync(folder).length > 0) await page.setInputFiles('#folder', folder);
    },
    /** @param {Record<string, string>} choices in place of guesses */
    inspect: (choices) => answered(page.evaluate((given) => window.headless.inspect(given), choices)),
    /** @param {unknown} recipe */
    recipeProblems: (recipe) => page.evaluate((input) => window.headless.recipeProblems(input), recipe),
    /** @param {import('../src/headless/headless-page').DistillOrder} order */
    distill: (order) => answered(page.evaluate((given) => window.headless.distill(given), order)),
    /** @param {unknown} experiment */
    experimentProblems: (experiment) =>
      page.evaluate((input) => window.headless.experimentProblems(input), experiment),
    /** @param {unknown} experiment */
    experimentCells: (experiment) =>
      answered(page.evaluate((input) => window.headless.experimentCells(input), experiment)),
    /**
     * @param {import('../src/headless/run-experiment').ExperimentOrder} order
     * @param {import('./cell-receiver.mjs').OnCell} onCell
     */
    runExperiment(order, onCell) {
      cells.listen(onCell);
      const call = { ...order, cellsTo: cells.path };
      return answered(page.evaluate((given) => window.headless.runExperiment(given), call));
    },
    /**
     * @param {unknown} experiment
     * @param {import('../src/experiment/table').CellResult[]} results
     */
    experimentTables: (experiment, results) =>
      answered(
        page.evaluate(
          ([input, done]) => window.headless.experimentTables(input, done),
          /** @type {const} */ ([experiment, results]),
        ),
      ),
    close,
  };
}

/** The page's own sentence, without what the browser's driver wraps around it. @param {unknown} error */
function plainMessage(error) {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(/^page\.evaluate: /, '')
    .replace(/^Error: /, '')
    .replace(/\n\s+at [\s\S]*$/, '');
}
