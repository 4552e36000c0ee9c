/** `npm run experiment`, and `npm run study` as before: carries an experiment out in a headless browser and writes its tables. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  BadFile,
  BadOrder,
  from,
  openOutFolder,
  readBackend,
  readCount,
  readJsonFile,
  runToExit,
} from './command.mjs';
import { openHeadless } from './headless.mjs';
import { ensureBuilt, ensureInstalled, requireNode } from './prepare.mjs';

/** @param {string} command */
const usageOf = (command) => `Usage:
  npm run ${command} -- EXPERIMENT.json [--out DIR] [--workers N] [--threads N of each worker on WebAssembly: 1]
      [--backend webgpu|wasm|webgl|cpu] [--seeds 1,2]
      [--only METHOD,METHOD] [--costs FILE: step times as ratios to the entry “labels-only”, for the method picker]
An experiment that was broken off goes on where it stopped when it is started again with the same --out: runs under way
from their last checkpoints.`;

/**
 * Carries out the command and ends the process.
 * @param {{ command: 'experiment' | 'study', out: string }} names of the command, and of its folder where none is given
 */
export async function experimentCommand({ command, out }) {
  await runToExit(() => main(out), usageOf(command));
}

/** @param {string} usualOut */
function readOrder(usualOut) {
  const { values, positionals } = parseOptions();
  const [name] = positionals;
  if (!name || positionals.length > 1) throw new BadOrder('Name one experiment file.');
  const backend = readBackend(values.backend);
  const experiment = /** @type {Record<string, unknown>} */ (readJsonFile(name, 'experiment'));
  if (typeof experiment !== 'object' || experiment === null || Array.isArray(experiment))
    throw new BadFile(`${resolve(from, name)} holds no experiment: it must be a JSON object.`);
  if (values.seeds !== undefined) experiment['seeds'] = readSeeds(values.seeds);
  if (values.only !== undefined) experiment['entries'] = only(values.only.split(','), experiment['entries']);
  const costs = values.costs === undefined ? null : resolve(from, values.costs);
  if (costs && !existsSync(dirname(costs))) throw new BadOrder(`There is no folder for ${costs}.`);
  const workers = readCount('workers', values.workers) ?? null;
  const threads = readCount('threads', values.threads);
  // Runs beside each other would slow each other down.
  return {
    experiment,
    backend,
    workers: costs ? 1 : workers,
    threads,
    out: resolve(from, values.out ?? usualOut),
    costs,
  };
}

function parseOptions() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        workers: { type: 'string' },
        threads: { type: 'string' },
        backend: { type: 'string' },
        seeds: { type: 'string' },
        only: { type: 'string' },
        costs: { type: 'string' },
      },
    });
  } catch (error) {
    throw new BadOrder(error instanceof Error ? error.message : String(error));
  }
}

/** @param {string} text */
function readSeeds(text) {
  const seeds = text.split(',').map((seed) => (seed.trim() === '' ? NaN : Number(seed)));
  if (!seeds.every((seed) => Number.isInteger(seed) && seed >= 0))
    throw new BadOrder(`--seeds takes whole numbers from 0 on, such as 1,2,3; "${text}" is none.`);
  return seeds;
}

/**
 * Entries of the wanted methods. What is no list of entries is left to the check of the experiment.
 * @param {string[]} wanted
 * @param {unknown} entries
 */
function only(wanted, entries) {
  if (entries === 'all methods') return wanted.map((method) => ({ method }));
  if (!Array.isArray(entries)) return entries;
  const left = entries.filter((entry) => wanted.includes(entry?.method ?? ''));
  if (left.length === 0)
    throw new BadOrder(`--only leaves no entry: no entry has the method ${wanted.join(' or ')}.`);
  return left;
}

/**
 * Results of an earlier start of the same experiment.
 * @param {string} path
 * @param {string} key
 * @throws Error when they cannot be read: they are not written over
 */
function readDone(path, key) {
  if (!existsSync(path)) return [];
  try {
    const kept = JSON.parse(readFileSync(path, 'utf8'));
    return kept.key === key ? kept.results : [];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${path} cannot be read (${why}). Move it away, or name another folder with --out, to begin anew.`,
      { cause: error },
    );
  }
}

/** @param {string} usualOut */
async function main(usualOut) {
  const { experiment, backend, workers, threads, out, costs } = readOrder(usualOut);
  openOutFolder(out);
  requireNode();
  ensureInstalled();
  await ensureBuilt();
  const file = join(out, 'results.json');
  const key = JSON.stringify([experiment, backend]);
  /** @type {import('../src/experiment/table').CellResult[]} */
  const results = readDone(file, key);
  const checkpoints = openCheckpoints(out, key);
  /** Only what is under way can be gone on with. */
  let isUnderWay = !checkpoints.isNew;
  /** @type {Awaited<ReturnType<typeof openHeadless>> | null} */
  let page = null;
  try {
    page = await openHeadless((line) => console.log(line), checkpoints.folder);
    const problems = await page.experimentProblems(experiment);
    if (problems.length > 0) throw new BadFile(`The experiment cannot be used.\n${problems.join('\n')}`);
    const runs = await page.experimentCells(experiment);
    if (costs && !runs.some(({ method }) => method === costsBase))
      throw new BadOrder(`--costs needs the entry “${costsBase}” to compare with.`);
    const hasResult = (/** @type {{ entry: number, seed: number }} */ { entry, seed }) =>
      results.some((result) => result.entry === entry && result.seed === seed);
    const due = runs.filter((run) => !hasResult(run));
    console.log(`${runs.length} runs${due.length < runs.length ? `, ${due.length} of them to do` : ''}`);
    let ended = 0;
    const onCell = (/** @type {import('./cell-receiver.mjs').ReceivedCell} */ cell) => {
      const { result, metrics, secondsLeft } = cell;
      const { entry, seed } = result;
      results.push(result);
      if (metrics) {
        mkdirSync(join(out, 'cells'), { recursive: true });
        writeFileSync(join(out, 'cells', `${entry}-${seed}.json`), metrics);
      }
      writeFileSync(file, JSON.stringify({ key, results }));
      ended += 1;
      const { name } = /** @type {{ name: string }} */ (due.find((run) => run.entry === entry));
      const left = secondsLeft === null ? '' : ` (${Math.round(secondsLeft)} s left)`;
      console.log(`${ended}/${due.length} ${name}, seed ${seed}: ${told(result)}${left}`);
    };
    isUnderWay = true;
    const measured = await page.runExperiment(
      { experiment, done: results, backend, workers, threads },
      onCell,
    );
    for (const result of measured) {
      const { entry, seed } = result;
      results[results.findIndex((known) => known.entry === entry && known.seed === seed)] = result;
    }
    writeFileSync(file, JSON.stringify({ key, results }));
    const { markdown, csv, latex, bibtex, json, report, lines } = await page.experimentTables(
      experiment,
      results,
    );
    const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} threads`;
    writeFileSync(join(out, 'table.md'), `${markdown}\n`);
    writeFileSync(join(out, 'runs.csv'), csv);
    writeFileSync(join(out, 'table.tex'), latex);
    writeFileSync(join(out, 'experiment.bib'), bibtex);
    writeFileSync(join(out, 'experiment.json'), json);
    writeFileSync(join(out, 'report.html'), report);
    writeFileSync(
      join(out, 'table.json'),
      `${JSON.stringify({ title: experiment.title, machine, backend, lines }, null, 2)}\n`,
    );
    console.log(
      `\n${markdown}\n\nMachine: ${machine}. Written to ${out}: report.html, table.md, table.tex, experiment.bib, experiment.json, table.json, runs.csv, results.json, cells`,
    );
    if (costs) {
      const before = existsSync(costs) ? JSON.parse(readFileSync(costs, 'utf8')) : null;
      writeFileSync(costs, costsOf(lines, `${backend ?? 'best backend'}, ${machine}`, before));
    }
    isUnderWay = false;
    return lines.some(({ failures }) => failures.length > 0) ? 1 : 0;
  } finally {
    await page?.close();
    if (!isUnderWay) rmSync(checkpoints.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * The folder where the browser stores the runs under way, and whether it holds none yet. What is left of another experiment
 * is removed.
 * @param {string} out
 * @param {string} key of the experiment
 * @throws BadOrder while another command uses it
 */
function openCheckpoints(out, key) {
  const folder = join(out, 'checkpoints');
  const about = join(folder, 'experiment.json');
  const holder = join(folder, 'process');
  if (existsSync(holder) && isAlive(Number(readFileSync(holder, 'utf8'))))
    throw new BadOrder(
      `Another command is writing to ${out}. Wait for its end, or name another folder with --out; if there is none, remove ${holder}.`,
    );
  const isNew = !existsSync(about) || readFileSync(about, 'utf8') !== key;
  if (isNew) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    mkdirSync(folder);
    writeFileSync(about, key);
  }
  writeFileSync(holder, String(process.pid));
  return { folder, isNew };
}

/** @param {number} pid */
function isAlive(pid) {
  // 0 would be this program's own group.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Of another user, but there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Method whose step times the others are compared with. */
const costsBase = 'labels-only';

/**
 * The file of costs. Methods that were not measured now keep what they had, and then the file keeps its device too.
 * @param {import('../src/experiment/table').ExperimentLine[]} lines
 * @param {string} device
 * @param {{ device: string, ratios: Record<string, number> } | null} before what the file held
 */
function costsOf(lines, device, before) {
  const base = lines.find(({ method }) => method === costsBase)?.stepMs;
  if (!base)
    throw new Error(`No run of “${costsBase}” was measured, so there is nothing to compare costs with.`);
  const ratios = lines.flatMap(({ method, stepMs }) =>
    method && stepMs ? [[method, Number((stepMs / base).toFixed(2))]] : [],
  );
  const measured = Object.fromEntries(ratios);
  const isPart = Object.keys(before?.ratios ?? {}).some((method) => !(method in measured));
  const file = {
    device: isPart && before ? before.device : device,
    ratios: { ...before?.ratios, ...measured },
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** @param {import('../src/experiment/table').CellResult} result */
function told({ student, control, failure }) {
  if (failure) return `failed: ${failure}`;
  const text = (/** @type {number | null} */ share) =>
    share === null ? 'none' : `${(100 * share).toFixed(1)} %`;
  return `student ${text(student)}, control ${text(control)}`;
}
