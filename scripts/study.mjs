/** `npm run study`: trains every recipe of a study with every seed in a headless browser and writes a table. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openHeadless } from './headless.mjs';
import { ensureBuilt, ensureInstalled, requireNode } from './prepare.mjs';

const usage = `Usage:
  npm run study -- STUDY.json [--out DIR] [--backend webgpu|wasm|webgl|cpu] [--seeds 1,2] [--only METHOD,METHOD]
      [--costs FILE: step times as ratios to the entry “labels-only”, for the method picker]
A study that was broken off goes on where it stopped when it is started again with the same --out.`;
const backends = /** @type {const} */ (['webgpu', 'wasm', 'webgl', 'cpu']);

class BadOrder extends Error {}

// npm changes to the project's folder; names are meant from where the command was typed.
const from = process.env['INIT_CWD'] ?? process.cwd();

function readOrder() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      backend: { type: 'string' },
      seeds: { type: 'string' },
      only: { type: 'string' },
      costs: { type: 'string' },
    },
  });
  const [name] = positionals;
  if (!name || positionals.length > 1) throw new BadOrder('Name one study file.');
  const path = resolve(from, name);
  if (!existsSync(path)) throw new BadOrder(`There is no study file ${path}.`);
  const backend = backends.find((known) => known === values.backend) ?? null;
  if (values.backend !== undefined && !backend)
    throw new BadOrder(`There is no backend "${values.backend}". Choose one of: ${backends.join(', ')}.`);
  let study;
  try {
    study = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new BadOrder(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (values.seeds) study.seeds = values.seeds.split(',').map(Number);
  if (values.only) {
    const wanted = values.only.split(',');
    study.entries =
      study.entries === 'all methods'
        ? wanted.map((method) => ({ method }))
        : study.entries?.filter((/** @type {{ method?: string }} */ { method }) =>
            wanted.includes(method ?? ''),
          );
  }
  const costs = values.costs === undefined ? null : resolve(from, values.costs);
  return { study, backend, out: resolve(from, values.out ?? 'study-out'), costs };
}

/** Results of an earlier start of the same study. @param {string} path @param {string} key */
function readDone(path, key) {
  if (!existsSync(path)) return [];
  const kept = JSON.parse(readFileSync(path, 'utf8'));
  return kept.key === key ? kept.results : [];
}

async function main() {
  const { study, backend, out, costs } = readOrder();
  requireNode();
  ensureInstalled();
  await ensureBuilt();
  mkdirSync(out, { recursive: true });
  const file = join(out, 'results.json');
  const key = JSON.stringify([study, backend]);
  /** @type {import('../src/distill/study/table').StudyResult[]} */
  const results = readDone(file, key);
  const page = await openHeadless((line) => console.log(line));
  try {
    const runs = await page.studyRuns(study);
    const isDone = (/** @type {{ entry: number, seed: number }} */ { entry, seed }) =>
      results.some((result) => result.entry === entry && result.seed === seed);
    const due = runs.filter((run) => !isDone(run));
    console.log(`${runs.length} runs${due.length < runs.length ? `, ${due.length} of them to do` : ''}`);
    const started = Date.now();
    for (const [place, run] of due.entries()) {
      const result = await page.studyRun(run, backend);
      results.push(result);
      writeFileSync(file, JSON.stringify({ key, results }));
      const left = ((Date.now() - started) / 1000 / (place + 1)) * (due.length - place - 1);
      console.log(
        `${place + 1}/${due.length} ${run.name}, seed ${run.seed}: ${told(result)} (${Math.round(left)} s left)`,
      );
    }
    const { markdown, csv, lines } = await page.studyTables(study, results);
    const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} threads`;
    writeFileSync(join(out, 'table.md'), `${markdown}\n`);
    writeFileSync(join(out, 'runs.csv'), csv);
    writeFileSync(
      join(out, 'table.json'),
      `${JSON.stringify({ title: study.title, machine, backend, lines }, null, 2)}\n`,
    );
    console.log(
      `\n${markdown}\n\nMachine: ${machine}. Written to ${out}: table.md, table.json, runs.csv, results.json`,
    );
    if (costs) writeFileSync(costs, costsOf(lines, `${backend ?? 'best backend'}, ${machine}`));
    return lines.some(({ failures }) => failures.length > 0) ? 1 : 0;
  } finally {
    await page.close();
  }
}

/**
 * @param {import('../src/distill/study/table').StudyLine[]} lines
 * @param {string} device
 */
function costsOf(lines, device) {
  const base = lines.find(({ method }) => method === 'labels-only')?.stepMs;
  if (!base) throw new BadOrder('--costs needs the entry “labels-only” to compare with.');
  const ratios = lines.flatMap(({ method, stepMs }) =>
    method && stepMs ? [[method, Number((stepMs / base).toFixed(2))]] : [],
  );
  return `${JSON.stringify({ device, ratios: Object.fromEntries(ratios) }, null, 2)}\n`;
}

/** @param {import('../src/distill/study/table').StudyResult} result */
function told({ student, control, failure }) {
  if (failure) return `failed: ${failure}`;
  const text = (/** @type {number | null} */ share) =>
    share === null ? 'none' : `${(100 * share).toFixed(1)} %`;
  return `student ${text(student)}, control ${text(control)}`;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  if (error instanceof BadOrder) console.error(usage);
  process.exitCode = error instanceof BadOrder ? 2 : 1;
}
