/**
 * `npm test`: checks and test suites, from a fresh clone and without a terminal. The last line is always
 * "N passed, N failed"; a check that fails and a suite that ends without a result each count as a failure.
 * Three jobs run at a time, so that a suite that waits for a single page or worker leaves no core idle.
 * `npm run test:long` adds the tests that rightly take long (`*.long.test.ts`).
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

const long = process.argv.includes('--long');

let passed = 0;
let failed = 0;
/** @type {string[]} */
const failures = [];

/**
 * Runs a program of node_modules to its end, prints what it said and answers its exit code; a hanging one is killed with
 * all its children.
 * @param {string} title @param {string} program @param {string[]} options
 * @returns {Promise<number>}
 */
function runProgram(title, program, options) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', program), ...options], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      // Colour codes are noise in a log file, and in the blocks that are printed here.
      env: { ...process.env, CI: 'true', NO_COLOR: '1', RETORT_LONG_TESTS: long ? '1' : '0' },
    });
    /** @type {Buffer[]} */
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => said.push(bytes));
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
    /** @param {number} code */
    const done = (code) => {
      clearTimeout(timer);
      process.off('exit', endWithUs);
      // Several programs run at a time: each is printed whole.
      console.log(`\n== ${title}\n${Buffer.concat(said).toString()}`);
      resolve(code);
    };
    child.on('error', (error) => {
      said.push(Buffer.from(`${error.message}\n`));
      done(1);
    });
    child.on('close', (code) => done(code ?? 1));
  });
}

/** @param {string} name @param {string} program @param {string[]} options */
async function check(name, program, options) {
  if ((await runProgram(name, program, options)) === 0) {
    passed += 1;
  } else {
    failed += 1;
    failures.push(name);
  }
}

/** @param {string} name */
async function suite(name) {
  const file = join(results, `${name}.json`);
  const code = await runProgram(`${name} tests`, 'vitest/vitest.mjs', [
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

/** What takes longest begins first; checks fill the time that is left at the end. The page is built for the e2e tests. */
const jobs = [
  async () => {
    await check('build', 'vite/bin/vite.js', ['build', '--logLevel', 'warn']);
    await suite('e2e');
  },
  () => suite('browser'),
  () => suite('unit'),
  // The linter knows the types for its rules; it checks them on the way.
  () => check('types and lint', 'oxlint/bin/oxlint', ['--type-check', '--format', 'unix']),
  () =>
    check('layers', 'dependency-cruiser/bin/dependency-cruise.mjs', [
      'src',
      'scripts',
      '--config',
      '.dependency-cruiser.cjs',
    ]),
  () => check('format', 'oxfmt/bin/oxfmt', ['--list-different']),
];

async function lane() {
  for (let job = jobs.shift(); job; job = jobs.shift()) await job();
}

// Made before several programs ask for them at once.
const { chromiumLaunch } = await import('./chromium.mjs');
const { compileKernels } = await import('./wasm-kernels.mjs');
await Promise.all([chromiumLaunch(), compileKernels()]);
console.log('Three programs run at a time; each is printed when it has ended. This takes some minutes.');
await Promise.all([lane(), lane(), lane()]);

if (failures.length > 0) console.log(`\nFailed: ${failures.join('; ')}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
