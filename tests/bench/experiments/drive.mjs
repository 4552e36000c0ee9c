/** Measures experiments: workers side by side, shared teachers, and a large experiment in the page. */
import { cpus, loadavg } from 'node:os';
import { openHeadless } from '../../../scripts/headless.mjs';
import { countTeachers, measureOpening } from './page.mjs';

const cells = 12;
/** Cells of each worker before: so long the browser still compiles what a step calls, once for each worker. */
const warmUp = 12;
/** So often each number of workers is measured, in turns: the load of the machine changes meanwhile. */
const rounds = 5;

/** Prints tables for people, then one line of JSON. */
export async function benchExperiments() {
  const loads = [loadNow()];
  const seconds = await measureWorkers();
  const ratios = seconds[1].map((one, round) => (seconds[2][round] ?? Number.NaN) / one);
  const ratio = ratios.toSorted((a, b) => a - b)[rounds >> 1];
  loads.push(loadNow());
  const [first, second] = await countTeachers();
  loads.push(loadNow());
  const stages = await measureOpening();
  loads.push(loadNow());
  console.log(
    `\nExperiments on ${cpus().length} threads, load before, between and after: ${loads.join(', ')}`,
  );
  console.table({
    'seconds of 12 cells, 1 worker': seconds[1].map(rounded).join(', '),
    'seconds of 12 cells, 2 workers': seconds[2].map(rounded).join(', '),
    'ratio, median of the rounds': rounded(ratio ?? Number.NaN),
    'teachers trained by a first experiment': first,
    'teachers trained by a second one with the same teachers': second,
  });
  console.log('Opening an experiment of 300 cells, milliseconds:');
  console.table(stages);
  console.log(JSON.stringify({ experiments: { loads, seconds, ratio, teachers: [first, second], stages } }));
}

/**
 * Time from the end of as many cells as make the workers warm to the end of twelve more.
 * @returns {Promise<Record<1 | 2, number[]>>} seconds, one for each round
 */
async function measureWorkers() {
  /** @type {Record<1 | 2, number[]>} */
  const seconds = { 1: [], 2: [] };
  for (let round = 0; round < rounds; round++)
    for (const workers of /** @type {const} */ ([1, 2])) {
      const headless = await openHeadless(() => undefined);
      try {
        /** @type {number[]} */
        const ends = [];
        const endOf = (/** @type {number} */ nth) => ends[nth - 1] ?? Number.NaN;
        const experiment = {
          version: 2,
          base: { material: { dataset: 'digits-8x8' }, schedule: { steps: 200 } },
          seeds: Array.from({ length: cells + workers * warmUp }, (_, place) => place + 1),
          entries: [{ method: 'kd' }],
        };
        await headless.runExperiment({ experiment, done: [], backend: 'wasm', workers }, () =>
          ends.push(performance.now()),
        );
        seconds[workers].push((endOf(cells + workers * warmUp) - endOf(workers * warmUp)) / 1000);
      } finally {
        await headless.close();
      }
    }
  return seconds;
}

function loadNow() {
  return rounded(loadavg()[0] ?? 0);
}

/** @param {number} value */
function rounded(value) {
  return Number(value.toPrecision(3));
}
