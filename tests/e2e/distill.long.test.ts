import { expect, test } from 'vitest';
import type { ImportReport } from '../../src/data/import-report';
import { npy, zip } from '../unit/data/builders';
import { runCommand, temporaryFolder } from './command';
import { folderWithOrders } from './ending';
import { classNames, pictureZip, writeFiles } from './fixtures';

test('an inspection reads an archive of more than a hundred megabytes to its end', async () => {
  const count = 1700;
  const entries = {
    'x.npy': npy('|u1', [count, 160, 160, 3], new Uint8Array(count * 160 * 160 * 3)),
    'y.npy': npy(
      '|u1',
      [count],
      Uint8Array.from({ length: count }, (_, i) => i % 2),
    ),
  };
  const folder = writeFiles(temporaryFolder(), { 'large.npz': zip(entries, 0) });
  const { code, stdout, stderr } = await runCommand(
    'distill.mjs',
    ['--inspect', '--data', 'large.npz'],
    folder,
  );
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout) as ImportReport;
  expect(report.train + report.test).toBe(count);
});

test('an inspection prints the report of a zip, and nothing else, on stdout', async () => {
  const folder = writeFiles(temporaryFolder(), { 'stripes.zip': pictureZip(10) });
  const { code, stdout, stderr } = await runCommand(
    'distill.mjs',
    ['--inspect', '--data', 'stripes.zip'],
    folder,
  );
  expect(code, stderr).toBe(0);
  const report = JSON.parse(stdout) as ImportReport;
  expect(report).toMatchObject({ outcome: 'loaded', shape: [8, 8, 1], classes: classNames });
  expect(report.train + report.test).toBe(30);
});

test('an inspection refuses what it cannot read with exit code 1 and still one report', async () => {
  const folder = writeFiles(temporaryFolder(), { 'cut.zip': pictureZip(10).subarray(0, 900) });
  const { code, stdout } = await runCommand('distill.mjs', ['--inspect', '--data', 'cut.zip'], folder);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'refused', train: 0 });
});

test('a recipe that is a list is refused in a sentence', async () => {
  const folder = writeFiles(temporaryFolder(), { 'list.json': '[1]' });
  const { code, stderr } = await runCommand('distill.mjs', ['list.json'], folder);
  expect(code).toBe(2);
  expect(stderr).toContain('The recipe cannot be used.');
  expect(stderr).not.toContain('Usage:');
});

test.each([
  { options: ['--seeds', 'one'], told: 'seeds' },
  { options: ['--costs', 'no/such/folder.json'], told: 'no folder' },
])('a study with $options is a bad order', async ({ options, told }) => {
  const { code, stderr } = await runCommand('study.mjs', ['study.json', ...options], folderWithOrders());
  expect(code).toBe(2);
  expect(stderr).toContain(told);
  expect(stderr).toContain('Usage:');
});
