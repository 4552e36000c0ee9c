/** How the commands refuse and end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { root } from '../../scripts/prepare.mjs';
import { runCommand, temporaryFolder } from './command';
import { writeFiles } from './fixtures';

const recipe = {
  version: 1,
  title: 'Short',
  student: { network: 'mlp-32' },
  schedule: { steps: 20, batch: 16 },
};
const study = { version: 1, title: 'Two', base: recipe, seeds: [1], entries: [{ method: 'labels-only' }] };
const orders = { 'distill.mjs': 'recipe.json', 'study.mjs': 'study.json' };
const commands = Object.keys(orders) as (keyof typeof orders)[];

function folderWithOrders(): string {
  return writeFiles(temporaryFolder(), {
    'recipe.json': JSON.stringify(recipe),
    'study.json': JSON.stringify(study),
    'a-file': 'Not a folder.',
  });
}

describe.each(commands)('%s', (script) => {
  // Below /proc a new folder is answered with ENOENT, for which Node's own way of making folders never returns.
  const places = ['a-file', 'a-file/below', ...(process.platform === 'linux' ? ['/proc/none/here'] : [])];
  test.each(places)('refuses to write to %s before it trains', async (place) => {
    const folder = folderWithOrders();
    const { code, stdout, stderr } = await runCommand(script, [orders[script], '--out', place], folder);
    expect(code).toBe(2);
    expect(stderr).toContain('--out must be a folder');
    expect(stdout).toBe('');
  });

  test('answers 2 and its usage for a bad order', async () => {
    const folder = writeFiles(folderWithOrders(), { 'text.json': 'no json', 'list.json': '[1]' });
    for (const options of [
      [],
      ['--unknown'],
      ['none.json'],
      ['text.json'],
      ['list.json'],
      [orders[script], '--backend', 'abacus'],
    ]) {
      const { code, stderr } = await runCommand(script, options, folder);
      expect(code, options.join(' ')).toBe(2);
      expect(stderr).toContain('Usage:');
    }
  });

  test.runIf(process.platform === 'linux').each(['SIGTERM', 'SIGINT'] as const)(
    'ends on %s with its browser, and leaves no empty folder',
    async (signal) => {
      const long = { ...recipe, schedule: { steps: 100_000, batch: 16 } };
      const folder = writeFiles(temporaryFolder(), {
        'recipe.json': JSON.stringify(long),
        'study.json': JSON.stringify({ ...study, base: long }),
      });
      const child = spawn(
        process.execPath,
        [join(root, 'scripts', script), orders[script], '--out', 'out/in'],
        {
          cwd: root,
          env: { ...process.env, INIT_CWD: folder },
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      onTestFinished(() => void child.kill('SIGKILL'));
      const ended = once(child, 'exit');
      // Its first line comes from the page.
      await once(createInterface(child.stdout), 'line');
      const family = descendantsOf(child.pid!);
      expect(family.length).toBeGreaterThan(1);
      child.kill(signal);
      expect(await ended).toEqual([signal === 'SIGTERM' ? 143 : 130, null]);
      await expect.poll(() => family.filter(isAlive)).toEqual([]);
      expect(existsSync(join(folder, 'out'))).toBe(false);
    },
  );
});

describe('study.mjs', () => {
  test('answers 2 for a study that cannot be carried out', async () => {
    const folder = writeFiles(folderWithOrders(), {
      'wrong.json': JSON.stringify({ ...study, base: { schedule: { learningRate: -1 } } }),
    });
    for (const options of [
      ['wrong.json'],
      ['study.json', '--seeds', 'one'],
      ['study.json', '--only', 'no-such-method'],
      ['study.json', '--costs', 'no/such/folder.json'],
    ]) {
      const { code, stderr } = await runCommand('study.mjs', options, folder);
      expect(code, options.join(' ')).toBe(2);
      expect(stderr).toContain('Usage:');
    }
    expect(existsSync(join(folder, 'study-out'))).toBe(false);
  });

  test('answers 1 for results that cannot be read, and leaves them', async () => {
    const folder = writeFiles(folderWithOrders(), { 'study-out/results.json': '{"key": cut' });
    const { code, stderr } = await runCommand('study.mjs', ['study.json'], folder);
    expect(code).toBe(1);
    expect(stderr).toContain('results.json cannot be read');
    expect(readFileSync(join(folder, 'study-out', 'results.json'), 'utf8')).toBe('{"key": cut');
  });
});

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
