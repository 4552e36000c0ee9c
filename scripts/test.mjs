/**
 * `npm test`: checks, then every test suite, from a fresh clone and without a terminal. The last line is always
 * "N passed, N failed"; a check that fails and a suite that ends without a result each count as a failure.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endOnSignals } from './command.mjs';
import { ensureInstalled, requireNode, root } from './prepare.mjs';

endOnSignals();
requireNode();
ensureInstalled();

const results = join(root, 'test-results');
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

/** Minutes after which a program counts as hanging: far beyond what the slowest machine needs. */
const patience = 90;

let passed = 0;
let failed = 0;
/** @type {string[]} */
const failures = [];

/**
 * Runs a program of node_modules to its end and answers its exit code; a hanging one is killed with all its children.
 * @param {string} program @param {string[]} options
 * @returns {Promise<number>}
 */
function runProgram(program, options) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', program), ...options], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: process.platform !== 'win32',
      // Colour codes are noise in a log file.
      env: { ...process.env, CI: 'true', ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }) },
    });
    /** @param {'SIGTERM' | 'SIGKILL'} signal */
    const end = (signal) => {
      if (process.platform === 'win32' || !child.pid) child.kill(signal);
      else process.kill(-child.pid, signal);
    };
    const timer = setTimeout(() => {
      console.error(`${program} did not end within ${patience} minutes and was stopped.`);
      end('SIGKILL');
    }, patience * 60_000);
    // Its group does not hear the signals of ours.
    const endWithUs = () => end('SIGTERM');
    process.on('exit', endWithUs);
    child.on('error', () => resolve(1));
    child.on('close', (code) => {
      clearTimeout(timer);
      process.off('exit', endWithUs);
      resolve(code ?? 1);
    });
  });
}

/** @param {string} name @param {string} program @param {string[]} options */
async function check(name, program, options) {
  console.log(`\n== ${name}`);
  if ((await runProgram(program, options)) === 0) {
    passed += 1;
  } else {
    failed += 1;
    failures.push(name);
  }
}

/** @param {string} name */
async function suite(name) {
  console.log(`\n== ${name} tests`);
  const file = join(results, `${name}.json`);
  const code = await runProgram('vitest/vitest.mjs', [
    'run',
    '--project',
    name,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  const counts = existsSync(file) ? countResults(JSON.parse(readFileSync(file, 'utf8'))) : null;
  passed += counts?.passed ?? 0;
  failed += counts?.failed ?? 0;
  if (counts?.failed) failures.push(`${name} tests (${counts.failed})`);
  if (code !== 0 && !counts?.failed) {
    failed += 1;
    failures.push(`${name} tests (ended without a complete result)`);
  }
}

/** @param {{ testResults: { status: string, assertionResults: { status: string }[] }[] }} report */
function countResults(report) {
  const count = { passed: 0, failed: 0 };
  for (const file of report.testResults) {
    const own = file.assertionResults.filter(({ status }) => status === 'failed').length;
    count.passed += file.assertionResults.filter(({ status }) => status === 'passed').length;
    // A file that breaks before or beside its tests has none that failed.
    count.failed += own === 0 && file.status === 'failed' ? 1 : own;
  }
  return count;
}

await check('format', 'prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']);
await check('types', 'typescript/bin/tsc', ['--noEmit']);
await check('lint', 'eslint/bin/eslint.js', ['.', '--max-warnings', '0']);
await check('layers', 'dependency-cruiser/bin/dependency-cruise.mjs', [
  'src',
  'scripts',
  '--config',
  '.dependency-cruiser.cjs',
]);
await suite('unit');
await check('build', 'vite/bin/vite.js', ['build', '--logLevel', 'warn']);
await suite('browser');
await suite('e2e');

if (failures.length > 0) console.log(`\nFailed: ${failures.join('; ')}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
