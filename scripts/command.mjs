/** What the commands have in common: how they end, with which exit code, and where they write. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { constants as system } from 'node:os';
import { dirname, resolve } from 'node:path';

/** npm changes to the project's folder; names are meant from where the command was typed. */
export const from = process.env['INIT_CWD'] ?? process.cwd();

/** An order that cannot be carried out as it was given. */
export class BadOrder extends Error {}

/** A file that cannot be used: what is wrong with it would be lost above the usage. */
export class BadFile extends BadOrder {}

export const backends = /** @type {const} */ (['webgpu', 'wasm', 'webgl', 'cpu']);

/**
 * Ends this process at once on SIGINT, SIGTERM and SIGHUP, with the exit code of a shell. A browser that Playwright
 * started goes with it: Playwright kills it when the process exits, if it is told to leave the signals alone.
 */
export function endOnSignals() {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => process.exit(128 + system.signals[signal]));
}

/**
 * Runs a command to its end. Exit code: what `main` answers, 2 for a `BadOrder` (with the usage, unless it is a
 * file's fault), 1 for whatever else was thrown.
 * @param {() => Promise<number>} main
 * @param {string} usage
 */
export async function runToExit(main, usage) {
  endOnSignals();
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(messageOf(error));
    if (error instanceof BadOrder && !(error instanceof BadFile)) console.error(usage);
    process.exitCode = error instanceof BadOrder ? 2 : 1;
  }
}

/**
 * @param {string} name of the option @param {string | undefined} value
 * @returns {number | undefined} a whole number from 1 on
 */
export function readCount(name, value) {
  if (value === undefined) return undefined;
  const count = Number(value);
  if (!(Number.isInteger(count) && count >= 1))
    throw new BadOrder(`--${name} must be a whole number from 1 on.`);
  return count;
}

/**
 * @param {string | undefined} name
 * @throws BadOrder when there is no such backend
 */
export function readBackend(name) {
  const backend = backends.find((known) => known === name) ?? null;
  if (name !== undefined && !backend)
    throw new BadOrder(`There is no backend "${name}". Choose one of: ${backends.join(', ')}.`);
  return backend;
}

/**
 * The content of a JSON file that the user named.
 * @param {string} name
 * @param {string} kind of file, such as "recipe"
 * @returns {unknown}
 * @throws BadOrder when there is none, BadFile when it is no JSON
 */
export function readJsonFile(name, kind) {
  const path = resolve(from, name);
  if (!existsSync(path)) throw new BadOrder(`There is no ${kind} file ${path}.`);
  if (statSync(path).isDirectory()) throw new BadOrder(`${path} is a folder, not a ${kind} file.`);
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new BadOrder(`${path} cannot be read: ${messageOf(error)}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadFile(`${path} is not JSON: ${messageOf(error)}`);
  }
}

/**
 * Makes the folder for the results, and those above it, before any work is done. When the command ends, those made here
 * that hold nothing are removed.
 * One by one, because `mkdirSync` with `recursive` never returns where the file system answers ENOENT for a new
 * folder, as /proc does.
 * @param {string} path
 * @throws BadOrder when files cannot be written there
 */
export function openOutFolder(path) {
  /** @type {string[]} */
  const made = [];
  const removeEmpty = () => {
    for (const folder of made.splice(0).reverse()) {
      try {
        rmdirSync(folder);
      } catch {
        // It holds something, and so do those above it.
        return;
      }
    }
  };
  const missing = [];
  for (let at = path; !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
  try {
    for (const folder of missing) {
      mkdirSync(folder);
      made.push(folder);
    }
    if (!statSync(path).isDirectory()) throw new Error('it is a file');
    accessSync(path, constants.W_OK);
  } catch (error) {
    removeEmpty();
    throw new BadOrder(`--out must be a folder that can be written to; ${path}: ${messageOf(error)}.`);
  }
  process.on('exit', removeEmpty);
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
