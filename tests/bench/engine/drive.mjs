/** Opens the engine's benchmark in a Chromium and prints what it finds: a table for people, then one line of JSON. */
import { chromiumLaunch } from '../../../scripts/chromium.mjs';
import { root } from '../../../scripts/prepare.mjs';
import { tensorflowEntries } from '../../../scripts/tensorflow-entries.mjs';

/** @typedef {import('./page.ts').EngineBench} EngineBench */
/** @typedef {import('./measure.ts').Measurement} Measurement */

/** Every way to run a step, with stock and ours as ratios of the same run. */
export async function benchEngine() {
  const { adapter, tookMs, measurements } = await inPage((page) =>
    page.evaluate(() =>
      /** @type {{ engineBench: EngineBench }} */ (/** @type {unknown} */ (window)).engineBench.all(),
    ),
  );
  console.log(`\nTraining steps on ${adapter}, measured in ${Math.round(tookMs / 1000)} s`);
  console.table(measurements.map((one) => row(one, measurements)));
  console.log(JSON.stringify({ engine: { adapter, measurements } }));
}

/**
 * Replays one recorded step and reports whether anything grows.
 * @param {number} steps
 */
export async function benchLong(steps) {
  const long = await inPage((page) =>
    page.evaluate(
      (steps) =>
        /** @type {{ engineBench: EngineBench }} */ (/** @type {unknown} */ (window)).engineBench.long(steps),
      steps,
    ),
  );
  console.log(`\n${long.case}, recorded and replayed on ${long.adapter}`);
  console.table(long.tenths.map(({ ms, loss, ...rest }) => ({ ...rest, ms: round(ms), loss: round(loss) })));
  console.log(`Tensors and bytes are ${long.memoryIsFlat ? 'flat' : 'NOT flat'}.`);
  console.log(`A step of the second half takes ${round(long.slowdown)} times one of the first.`);
  console.log(JSON.stringify({ long }));
}

/**
 * Prints how often each kernel runs in a recorded step, and how long.
 * @param {string} name part of the cases' names
 */
export async function benchKernels(name) {
  const results = await inPage((page) =>
    page.evaluate(
      (name) =>
        /** @type {{ engineBench: EngineBench }} */ (/** @type {unknown} */ (window)).engineBench.kernels(
          name,
        ),
      name,
    ),
  );
  for (const { adapter, case: one, dispatches, copies, stepMs, kernels } of results) {
    console.log(`\n${one} on ${adapter}: ${round(stepMs)} ms, ${dispatches} dispatches, ${copies} copies`);
    console.table(kernels.map(({ ms, ...rest }) => ({ ...rest, ms: round(ms) })));
  }
}

/**
 * Single convolutions by each kernel there is for them, with the stock ones.
 * @param {string} name part of the cases' names
 */
export async function benchConvolutions(name) {
  const { adapter, measurements, rows } = await inPage((page) =>
    page.evaluate(
      (name) =>
        /** @type {{ engineBench: EngineBench }} */ (
          /** @type {unknown} */ (window)
        ).engineBench.convolutions(name),
      name,
    ),
  );
  console.log(`\nSingle convolutions on ${adapter}`);
  console.table(rows);
  console.log(JSON.stringify({ convolutions: { adapter, measurements } }));
}

/** Times the steps of whole runs: HKD against fixed weights, a teacher recalled against one asked, small and large sets. */
export async function benchRuns() {
  for (const backend of /** @type {const} */ (['webgpu', 'wasm'])) {
    const { device, measurements } = await inPage((page) =>
      page.evaluate(
        (backend) =>
          /** @type {{ engineBench: EngineBench }} */ (/** @type {unknown} */ (window)).engineBench.runs(
            backend,
          ),
        backend,
      ),
    );
    console.log(`\nSteps of runs on ${backend}, ${device}`);
    console.table(
      measurements.map(({ case: one, images, ms, dispatches, bytes }) => ({
        run: one,
        images,
        'ms/step': round(ms),
        dispatches: dispatches ?? '-',
        'MB for replaying': round(bytes / 1e6),
      })),
    );
    for (const how of ['asked', 'recalled']) {
      const of = (/** @type {string} */ name) =>
        measurements.find(({ case: one }) => one.includes(name) && one.endsWith(how))?.stretches ?? [];
      const [dynamic, fixed] = [of('HKD'), of('KD + feature')];
      const rounds = dynamic.map((ms, n) => round(ms / (fixed[n] ?? Number.NaN))).join(', ');
      const best = round(Math.min(...dynamic) / Math.min(...fixed));
      console.log(
        `HKD against fixed weights, teacher ${how}: ${best} by the best stretches (each: ${rounds})`,
      );
    }
    console.log(JSON.stringify({ runs: { backend, device, measurements } }));
  }
}

/**
 * @param {Measurement} one
 * @param {readonly Measurement[]} all
 */
function row(one, all) {
  const stock = all.find(({ case: name, runner }) => name === one.case && runner === 'stock');
  return {
    case: one.case,
    runner: one.runner,
    'ms/step': round(one.ms),
    'x stock': stock ? round(stock.ms / one.ms) : 'none',
    dispatches: one.dispatches ?? '-',
    'host ms': round(one.hostMs),
    'GPU MB': one.bytes === null ? '-' : round(one.bytes / 1e6),
    'first step ms': Math.round(one.firstMs),
    'timed steps': one.steps,
    'loss 2': one.loss.toPrecision(5),
  };
}

/**
 * Opens a bench's page in a Chromium, from the sources.
 * @template T
 * @param {(page: import('playwright').Page) => Promise<T>} work
 * @param {{ folder: string, ready: string }} which folder of its `index.html` and `page.ts`, and the global that it sets
 * @returns {Promise<T>}
 */
export async function inPage(
  work,
  { folder, ready } = { folder: 'tests/bench/engine', ready: 'engineBench' },
) {
  const { createServer } = await import('vite');
  const { chromium } = await import('playwright');
  const server = await createServer({
    root,
    logLevel: 'error',
    // A cache and a page of its own: sources that are saved meanwhile must not reload it.
    cacheDir: 'node_modules/.vite-bench',
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
    optimizeDeps: {
      entries: [`${folder}/page.ts`],
      include: tensorflowEntries,
    },
  });
  try {
    await server.listen();
    const address = server.httpServer?.address();
    if (!address || typeof address === 'string') throw new Error('The development server has no address.');
    const browser = await chromium.launch(await chromiumLaunch('best'));
    try {
      const page = await browser.newPage();
      page.on('console', (message) => console.error(message.text()));
      page.on('pageerror', (error) => console.error(error.message));
      await page.goto(`http://127.0.0.1:${address.port}/${folder}/index.html`);
      await page.waitForFunction((name) => name in window, ready, { timeout: 60_000 });
      return await work(page);
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}

/** @param {number} value */
function round(value) {
  return Number(value.toPrecision(3));
}
