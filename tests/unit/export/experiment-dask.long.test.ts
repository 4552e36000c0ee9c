/** The folder of an experiment is carried out: over a Dask cluster of which a worker is killed, and run by run with a fault. */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readOutsideResults } from '../../../src/experiment/outside-results';
import { python } from '../../support/pytorch';
import { useWasm } from '../../support/wasm-in-node';
import { experimentOf, folderOf, unzipped } from './experiment-cells';
import { createPlace, removePlace } from './pytorch-folder';

let root: string;

beforeAll(async () => {
  await useWasm();
  root = await createPlace();
});
afterAll(() => removePlace(root));

const hasDask = python !== undefined && has('distributed');

function has(module: string): boolean {
  try {
    execFileSync(python!, ['-c', `import ${module}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function unpack(name: string, methods: readonly string[]): Promise<string> {
  const place = join(root, name);
  for (const [path, bytes] of Object.entries(await unzipped(await folderOf(experimentOf(methods, [1, 2]))))) {
    await mkdir(dirname(join(place, path)), { recursive: true });
    await writeFile(join(place, path), bytes);
  }
  return place;
}

const environment = { ...process.env, OMP_NUM_THREADS: '1' };

function resultsIn(place: string) {
  const found = readOutsideResults(JSON.parse(readFileSync(join(place, 'results.json'), 'utf8')));
  if ('problem' in found) throw new Error(found.problem);
  return found.results;
}

const carryOut = (place: string, ...options: string[]) =>
  promisify(execFile)(python!, ['run_experiment.py', ...options, '--', '--device', 'cpu'], {
    cwd: place,
    env: environment,
  });

/** A program of Dask that goes on until it is killed; there once it has said so. */
async function dask(program: string, ready: string, ...options: string[]): Promise<ChildProcess> {
  const child = spawn(python!, ['-m', `distributed.cli.dask_${program}`, ...options], { env: environment });
  await new Promise<void>((resolve) =>
    child.stderr.on('data', (text: Buffer) => text.toString().includes(ready) && resolve()),
  );
  return child;
}

describe.skipIf(!hasDask)('with Dask (skipped where Python has no distributed)', () => {
  test('eight runs end on two workers, one of which is killed while it trains', async () => {
    const place = await unpack('dask', ['kd', 'dkd', 'fitnet', 'at']);
    const child = spawn(python!, ['run_experiment.py', '--workers', '2', '--', '--device', 'cpu'], {
      cwd: place,
      env: environment,
    });
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    const runs = join(place, 'runs');
    const holders = () =>
      existsSync(runs)
        ? readdirSync(runs).flatMap((run) =>
            existsSync(join(runs, run, 'process.json')) ? [join(runs, run, 'process.json')] : [],
          )
        : [];
    while (holders().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const { pid } = JSON.parse(readFileSync(holders()[0]!, 'utf8')) as { pid: number };
    const worker = execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)])
      .toString()
      .trim();
    process.kill(Number(worker), 'SIGKILL');
    expect(await ended, said).toBe(0);
    const results = resultsIn(place);
    expect(results).toHaveLength(8);
    expect(results.filter(({ failure, control }) => failure !== null || control === null)).toEqual([]);
    // Two baselines, one for each seed.
    expect(readdirSync(runs).filter((run) => run.startsWith('baseline'))).toHaveLength(2);
  });

  test('runs end on a cluster that is there, reached over TCP', async () => {
    const place = await unpack('cluster', ['kd']);
    const address = '127.0.0.1:18786';
    const started = [
      await dask('scheduler', 'Scheduler at', '--host', '127.0.0.1', '--port', '18786', '--no-dashboard'),
    ];
    const worker = (name: string) =>
      dask(
        'worker',
        'Registered to',
        ...[`tcp://${address}`, '--nthreads', '1', '--no-dashboard', '--local-directory', join(root, name)],
      );
    try {
      started.push(...(await Promise.all(['one', 'two'].map(worker))));
      await carryOut(place, '--scheduler', `tcp://${address}`);
      expect(resultsIn(place).map(({ failure, control }) => failure === null && control !== null)).toEqual([
        true,
        true,
      ]);
    } finally {
      for (const child of started.toReversed()) child.kill();
    }
  });
});

describe.skipIf(python === undefined)('without Dask (skipped where Python has no torch)', () => {
  test('each run has as many processes as are asked for, started by torchrun', async () => {
    const place = await unpack('processes', ['kd']);
    await carryOut(place, '--processes', '2', '--only', '0-1');
    expect(resultsIn(place).map(({ seed, failure }) => ({ seed, failure }))).toEqual([
      { seed: 1, failure: null },
    ]);
    expect(readFileSync(join(place, 'runs/0-1/metrics.json'), 'utf8')).toContain('2 processes');
  });

  test('a run that fails is listed, and alone is repeated by the next start', async () => {
    const place = await unpack('sequence', ['kd']);
    const recipe = join(place, 'cells/0-2/recipe.json');
    const whole = readFileSync(recipe, 'utf8');
    writeFileSync(recipe, whole.replace('"evaluateEvery"', '"evaluateNever"'));
    const failed = await carryOut(place).catch((error: { code: number; stdout: string }) => error);
    expect(failed).toMatchObject({ code: 1 });
    expect(failed.stdout).toMatch(/seed 2: KeyError: 'evaluateEvery'/);
    expect(resultsIn(place).map(({ failure }) => failure === null)).toEqual([true, false]);
    writeFileSync(recipe, whole);
    // The folder of a run is linked to what it was made of, so it has the file as it is now.
    const again = await carryOut(place);
    expect(again.stdout).toContain('4 runs, 2 of them done');
    expect(resultsIn(place).map(({ failure }) => failure === null)).toEqual([true, true]);
    expect(readFileSync(join(place, 'results.csv'), 'utf8').trim().split('\n')).toHaveLength(3);
  });
});
