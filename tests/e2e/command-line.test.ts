/** How the commands refuse; how they end on signals is a long test (`ending.long.test.ts`). */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCommand } from './command';
import { commands, folderWithOrders, orders, study } from './ending';
import { writeFiles } from './fixtures';

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
    const bad = [[], ['--unknown'], ['none.json'], [orders[script], '--backend', 'abacus']];
    // What is wrong with a file is said without the usage.
    const badFiles = [['text.json']];
    // What a recipe may be is known to the page alone, which takes a browser: `distill.long.test.ts`.
    if (script === 'study.mjs') badFiles.push(['list.json']);
    for (const options of [...bad, ...badFiles]) {
      const { code, stderr } = await runCommand(script, options, folder);
      expect(code, options.join(' ')).toBe(2);
      expect(stderr.includes('Usage:'), options.join(' ')).toBe(bad.includes(options));
    }
  });
});

describe('study.mjs', () => {
  test('answers 2 for a study that cannot be carried out', async () => {
    const folder = writeFiles(folderWithOrders(), {
      'wrong.json': JSON.stringify({ ...study, base: { schedule: { learningRate: -1 } }, entries: [] }),
    });
    const { code, stderr } = await runCommand('study.mjs', ['wrong.json'], folder);
    expect(code).toBe(2);
    for (const text of ['schedule.learningRate', 'entries']) expect(stderr).toContain(text);
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
