/** The golden numbers of the hints, worked out again in PyTorch where this machine has it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { python } from '../support/pytorch';

const root = fileURLToPath(new URL('../..', import.meta.url));
const hints = join(root, 'src/distill/hints');
const folders = readdirSync(hints)
  .map((name) => join(hints, name))
  .filter((folder) => existsSync(join(folder, 'golden.py')));

test.skipIf(!python)('golden.py of each hint gives the numbers of its cases', () => {
  const told = execFileSync(python!, [join(root, 'scripts/golden.py'), '--check', ...folders], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  expect(told.trim().split('\n').length).toBeGreaterThanOrEqual(folders.length);
});
