/** Orders for the commands that compute, and how such a command ends on a signal. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished } from 'vitest';
import { root } from '../../scripts/prepare.mjs';
import { temporaryFolder } from './command';
import { writeFiles } from './fixtures';

const recipe = {
  version: 1,
  title: 'Short',
  student: { network: 'mlp-32' },
  schedule: { steps: 20, batch: 16 },
};
export const study = {
  version: 1,
  title: 'Two',
  base: recipe,
  seeds: [1],
  entries: [{ method: 'labels-only' }],
};
export const orders = { 'distill.mjs': 'recipe.json', 'study.mjs': 'study.json' };
export const commands = Object.keys(orders) as (keyof typeof orders)[];

export function folderWithOrders(): string {
  return writeFiles(temporaryFolder(), {
    'recipe.json': JSON.stringify(recipe),
    'study.json': JSON.stringify(study),
    'a-file': 'Not a folder.',
  });
}

/** What a command that was broken off leaves in its folder; null for no folder. An experiment can be gone on with. */
const left = { 'distill.mjs': null, 'study.mjs': ['checkpoints'] };

/** Ends a command that trains: it goes with its browser, at once, and leaves no empty folder. */
export async function endsOn(signal: 'SIGTERM' | 'SIGINT', script: keyof typeof orders): Promise<void> {
  const long = { ...recipe, schedule: { steps: 100_000, batch: 16 } };
  const folder = writeFiles(temporaryFolder(), {
    'recipe.json': JSON.stringify(long),
    'study.json': JSON.stringify({ ...study, base: long }),
  });
  const child = spawn(process.execPath, [join(root, 'scripts', script), orders[script], '--out', 'out/in'], {
    cwd: root,
    env: { ...process.env, INIT_CWD: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  // Its first line comes from the page.
  await once(createInterface(child.stdout), 'line');
  const family = descendantsOf(child.pid!);
  expect(family.length).toBeGreaterThan(1);
  child.kill(signal);
  expect(await ended).toEqual([signal === 'SIGTERM' ? 143 : 130, null]);
  await expect.poll(() => family.filter(isAlive)).toEqual([]);
  const out = join(folder, 'out');
  expect(existsSync(out) ? readdirSync(join(out, 'in')) : null).toEqual(left[script]);
}

/** Processes below one, as /proc has them. */
function descendantsOf(pid: number): number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), statOf(Number(name))?.parent]),
  );
  const below = [...parents].filter(([, parent]) => parent === pid).map(([child]) => child);
  return below.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** One that has ended and that nobody has asked for is not alive. */
function isAlive(pid: number): boolean {
  const state = statOf(pid)?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
}

function statOf(pid: number): { state: string; parent: number } | null {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { state: state!, parent: Number(parent) };
  } catch {
    return null;
  }
}
