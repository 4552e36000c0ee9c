/** `npm run distill`: runs a recipe, or inspects an upload, in a headless browser and writes what came of it. */
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
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

const usage = `Usage:
  npm run distill -- RECIPE.json [--data FILE|FOLDER ... [--choose GUESS=VALUE ...]] [--out DIR] [--backend webgpu|wasm|webgl|cpu]
      [--teacher FILE ...] [--answers npz|csv] [--threads N of WebAssembly; as many as are of use where it is left out]
  npm run distill -- --inspect --data FILE|FOLDER ... [--choose GUESS=VALUE ...]
--teacher takes the teacher from files: weights, ONNX models, or recorded answers on the data set (.npy, .npz, .csv, .parquet).
--answers also writes what student and teacher answer on the whole set, as files that can teach again.
The report of an inspection lists each guess with its id and what can be chosen: --choose colour=grey --choose imageHeight=32`;

function readOrder() {
  const { values, positionals } = parseOptions();
  const data = (values.data ?? []).map((name) => resolve(from, name));
  for (const path of data) if (!existsSync(path)) throw new BadOrder(`There is no file or folder ${path}.`);
  const teacher = (values.teacher ?? []).map((name) => resolve(from, name));
  for (const path of teacher) if (!existsSync(path)) throw new BadOrder(`There is no file ${path}.`);
  const { inspect = false } = values;
  const answers = readFormat(values.answers);
  const backend = readBackend(values.backend);
  const threads = readCount('threads', values.threads);
  const choices = readChoices(values.choose ?? []);
  if (values.choose && data.length === 0) throw new BadOrder('--choose goes with --data FILE.');
  if (inspect) {
    if (data.length === 0) throw new BadOrder('--inspect needs --data FILE.');
    if (positionals.length > 0) throw new BadOrder(`--inspect takes no recipe (${positionals[0]}).`);
    return { data, inspect, backend, threads, recipe: null, out: '', choices, teacher, answers };
  }
  const [name, extra] = positionals;
  if (!name) throw new BadOrder('Name a recipe file, or use --inspect --data FILE.');
  if (extra) throw new BadOrder(`One recipe at a time; "${extra}" is one too many. Use --data for images.`);
  const recipe = readJsonFile(name, 'recipe');
  return {
    data,
    inspect,
    backend,
    threads,
    recipe,
    out: resolve(from, values.out ?? 'distill-out'),
    choices,
    teacher,
    answers,
  };
}

/** @param {string | undefined} text @returns {'npz' | 'csv' | null} */
function readFormat(text) {
  if (text === undefined) return null;
  if (text === 'npz' || text === 'csv') return text;
  throw new BadOrder(`--answers takes npz or csv; "${text}" is neither.`);
}

/** @param {string[]} pairs @returns {Record<string, string>} */
function readChoices(pairs) {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new BadOrder(`--choose needs GUESS=VALUE, such as colour=grey; "${pair}" is none.`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function parseOptions() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        data: { type: 'string', multiple: true },
        out: { type: 'string' },
        backend: { type: 'string' },
        threads: { type: 'string' },
        inspect: { type: 'boolean' },
        choose: { type: 'string', multiple: true },
        teacher: { type: 'string', multiple: true },
        answers: { type: 'string' },
      },
    });
  } catch (error) {
    throw new BadOrder(error instanceof Error ? error.message : String(error));
  }
}

/** Rows of numbers stay on one line, so that a person can still read the file. @param {unknown} value */
function toJson(value) {
  const json = JSON.stringify(value, null, 2);
  return `${json.replace(/\[[\s\d.,eE+-]+\]/g, (row) => row.replace(/\s+/g, ' '))}\n`;
}

async function main() {
  const order = readOrder();
  if (!order.inspect) openOutFolder(order.out);
  requireNode();
  ensureInstalled();
  await ensureBuilt();

  // In an inspection the report is all that may stand on stdout.
  const page = await openHeadless((line) => (order.inspect ? console.error(line) : console.log(line)));
  try {
    await page.drop(order.data, order.teacher);
    if (order.inspect) {
      const report = await page.inspect(order.choices);
      process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      return report.outcome === 'refused' ? 1 : 0;
    }
    const problems = await page.recipeProblems(order.recipe);
    if (problems.length > 0) throw new BadFile(`The recipe cannot be used.\n${problems.join('\n')}`);
    const { metrics, weights, predictions, answers } = await page.distill({
      recipe: order.recipe,
      onFiles: order.data.length > 0,
      choices: order.choices,
      backend: order.backend,
      threads: order.threads,
      answers: order.answers,
    });
    writeFileSync(join(order.out, 'metrics.json'), toJson(metrics));
    for (const [learner, bytes] of Object.entries(weights))
      writeFileSync(join(order.out, `${learner}.safetensors`), bytes);
    if (predictions !== null) writeFileSync(join(order.out, 'predictions.csv'), predictions);
    for (const [learner, bytes] of Object.entries(answers))
      writeFileSync(join(order.out, `${learner}-answers.${order.answers}`), bytes);
    const files = predictions === null ? 'metrics.json' : 'metrics.json, predictions.csv';
    console.log(`Written to ${order.out}: ${files} and ${Object.keys(weights).join(', ')} weights`);
    return 0;
  } finally {
    await page.close();
  }
}

await runToExit(main, usage);
