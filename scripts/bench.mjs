/**
 * `npm run bench`: how fast the engine and the built app train and how little the app disturbs the page. Speeds are for
 * comparing rows of one run: the same machine gives other numbers an hour later. Tables for people, and lines of JSON.
 * `-- --engine` measures the engine only, `-- --long N` replays one recorded step N times and looks for growth,
 * `-- --peers` times the steps beside those of TensorFlow.js, jax-js and PyTorch (`--case TEXT`: only cases with it;
 * `--quick`: fewer steps, for a first look; `--no-page`: without WebGPU, which takes most of the time),
 * `-- --runs` times the steps of whole runs (HKD, a recalled teacher, large sets),
 * `-- --experiments` measures experiments: workers side by side, shared teachers, and a large one in the page,
 * `-- --methods` times steps of HKD, SemCKD, ReviewKD and CRD on WebAssembly beside plain ones,
 * `-- --page` looks at the built page only: first curve, long tasks, memory after 20 and 40 runs, script before the first paint,
 * `-- --convolutions NAME` times single convolutions whose name holds NAME ("" for all) by each kernel there is for them,
 * `-- --kernels NAME` lists the kernels of the recorded steps whose case's name holds NAME, with their times.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { firstPaintScripts } from './bundle.mjs';
import { endOnSignals } from './command.mjs';
import { openHeadless } from './headless.mjs';
import { ensureBuilt, ensureInstalled, requireNode, root } from './prepare.mjs';

endOnSignals();
requireNode();
ensureInstalled();
const {
  convolutions,
  engine,
  experiments,
  long,
  kernels,
  methods,
  page: pageOnly,
  peers,
  runs,
} = readOptions();
if (peers !== null) {
  const { benchPeers } = await import('../tests/bench/peers/drive.mjs');
  await benchPeers(peers);
  process.exit();
}
if (experiments) {
  await ensureBuilt();
  const { benchExperiments } = await import('../tests/bench/experiments/drive.mjs');
  await benchExperiments();
  process.exit();
}
if (methods) {
  const { benchMethods } = await import('../tests/bench/methods/drive.mjs');
  await benchMethods();
  process.exit();
}
// Needs Vite and Playwright, so only now.
const { benchConvolutions, benchEngine, benchKernels, benchLong, benchRuns } =
  await import('../tests/bench/engine/drive.mjs');
if (convolutions !== null) await benchConvolutions(convolutions);
else if (kernels !== null) await benchKernels(kernels);
else if (long !== null) await benchLong(long);
else if (runs) await benchRuns();
else if (!pageOnly) await benchEngine();
if (engine || runs || convolutions !== null || kernels !== null || long !== null) process.exit();

await ensureBuilt();

const example = 'wrong-labels';
const backends = /** @type {const} */ (['wasm', 'webgpu']);

const speeds = [];
for (const backend of pageOnly ? [] : backends) speeds.push(await measureSpeed(backend));
const slowest = Math.min(...speeds.flatMap(({ stepsPerSecond }) => stepsPerSecond ?? []));
const { measurePage } = await import('../tests/bench/page/drive.mjs');
const page = await measurePage();
const scripts = firstPaintScripts('index.html');
const gzip = scripts.reduce((sum, script) => sum + script.gzip, 0);

if (!pageOnly)
  console.table(
    Object.fromEntries(
      speeds.map(({ backend, device, stepsPerSecond, problem }) => [
        backend,
        stepsPerSecond
          ? { device, 'steps/s': round(stepsPerSecond), ratio: round(stepsPerSecond / slowest) }
          : { device: problem ?? device, 'steps/s': 'none', ratio: 'none' },
      ]),
    ),
  );
const [second, twentieth] = page.memory ?? [];
/** Beside what the page took before its plots were drawn without a library: see `docs/performance.md`. */
console.table({
  'from a cold load to the first curve (ms)': { now: page.firstCurve, before: 2400 },
  'longest main-thread task while training (ms)': { now: page.longestTask, before: '' },
  'the same in processor time (ms)': { now: page.longestCpuTask, before: 58 },
  'main-thread tasks over 50 ms': { now: page.longTasks, before: '' },
  'the same in processor time': { now: page.longCpuTasks, before: 2 },
  'growth at rest between the second and the twentieth run (MB)': {
    now: second && twentieth ? round(twentieth.rest - second.rest) : 'not measured here',
    before: 23,
  },
  'script before first paint (kB gzip)': { now: round(gzip / 1000), before: 192 },
  'script files before first paint': { now: scripts.length, before: '' },
});
if (page.memory) console.table(page.memory);
console.log(JSON.stringify({ example, speeds, page, firstPaint: { gzip, files: scripts.length } }));

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        engine: { type: 'boolean' },
        experiments: { type: 'boolean' },
        runs: { type: 'boolean' },
        page: { type: 'boolean' },
        methods: { type: 'boolean' },
        convolutions: { type: 'string' },
        kernels: { type: 'string' },
        peers: { type: 'boolean' },
        case: { type: 'string' },
        quick: { type: 'boolean' },
        'no-page': { type: 'boolean' },
        long: { type: 'string' },
      },
    });
    const long = values.long === undefined ? null : Number(values.long);
    if (long !== null && !(Number.isInteger(long) && long >= 10))
      throw new Error('--long takes a number of steps, 10 or more.');
    return {
      engine: values.engine ?? false,
      experiments: values.experiments ?? false,
      runs: values.runs ?? false,
      page: values.page ?? false,
      methods: values.methods ?? false,
      convolutions: values.convolutions ?? null,
      kernels: values.kernels ?? null,
      peers: values.peers
        ? { name: values.case ?? '', isQuick: values.quick ?? false, withPage: !values['no-page'] }
        : null,
      long,
    };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    console.error(
      'Usage: npm run bench [-- --engine | --runs | --experiments | --page | --methods | --convolutions NAME | --kernels NAME | --peers [--case TEXT] [--quick] [--no-page] | --long N]',
    );
    process.exit(1);
  }
}

/**
 * Trains the example on one backend.
 * @param {(typeof backends)[number]} backend
 */
async function measureSpeed(backend) {
  const recipe = JSON.parse(readFileSync(join(root, 'public', 'examples', `${example}.json`), 'utf8'));
  const headless = await openHeadless(() => undefined);
  try {
    const { metrics } = await headless.distill({ recipe, onFiles: false, backend });
    return { backend, device: metrics.device, stepsPerSecond: metrics.stepsPerSecond, problem: null };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { backend, device: '', stepsPerSecond: null, problem };
  } finally {
    await headless.close();
  }
}

/** @param {number} value */
function round(value) {
  return Number(value.toPrecision(3));
}
