/** `npm run new-hint`: what it writes is a hint that works. */
import '@tensorflow/tfjs-backend-cpu';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hintLists } from '../../../scripts/hint-lists.mjs';
import { newHint } from '../../../scripts/new-hint.mjs';
import { tf } from '../../../src/engine/tf';
import type { GoldenCase, Unit } from '../../golden/case';
import { runGolden } from '../../golden/runner';
import { isLong } from '../../support/long';
import { python } from '../../support/pytorch';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A copy of the hints beside links to the rest of the tree. */
let copy: string;
let hints: string;
beforeAll(async () => {
  await tf.setBackend('cpu');
  copy = mkdtempSync(join(tmpdir(), 'new-hint-'));
  mkdirSync(join(copy, 'src/distill'), { recursive: true });
  const link = (path: string) => symlinkSync(join(root, path), join(copy, path));
  for (const name of readdirSync(join(root, 'src'))) if (name !== 'distill') link(`src/${name}`);
  for (const name of readdirSync(join(root, 'src/distill')))
    if (name !== 'hints') link(`src/distill/${name}`);
  ['tests', 'node_modules'].forEach(link);
  hints = join(copy, 'src/distill/hints');
  cpSync(join(root, 'src/distill/hints'), hints, { recursive: true });
  newHint('some-hint', hints);
  newHint('some-regressor', hints, 'regressor');
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

it('lists the hint', () => {
  const lists = hintLists(hints);
  for (const [name, text] of Object.entries(lists))
    expect(readFileSync(join(hints, name), 'utf8')).toBe(text);
  expect(lists['abouts.ts']).toContain("'some-hint': someHint,");
  expect(lists['factories.ts']).toContain("'some-hint': createSomeHint,");
  expect(lists['methods.ts']).toContain('...someHint,');
  expect(lists['torch.ts']).toContain("import someHint from './some-hint/torch.py?raw';");
  expect(lists['factories.ts']).toContain("'some-regressor': createSomeRegressor,");
});

it('refuses a name that is taken, and what is no name', () => {
  expect(() => newHint('some-hint', hints)).toThrow('There is a hint “some-hint” already.');
  expect(() => newHint('Some hint', hints)).toThrow('is no name of a hint');
});

it('writes what the linter, which checks types, and the formatter take', () => {
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { types: ['vite/client'] },
    include: ['src/distill/hints/some-*/*.ts', 'src/distill/hints/*.ts'],
  };
  writeFileSync(join(copy, 'tsconfig.json'), JSON.stringify(config));
  const run = (script: string, ...options: string[]) =>
    execFileSync(process.execPath, [join(root, 'node_modules', script), ...options], {
      cwd: copy,
      encoding: 'utf8',
    });
  for (const name of ['.oxlintrc.json', '.oxfmtrc.json']) cpSync(join(root, name), join(copy, name));
  const folders = ['src/distill/hints/some-hint', 'src/distill/hints/some-regressor'];
  const files = [
    ...folders,
    ...['abouts', 'factories', 'methods', 'torch'].map((list) => `src/distill/hints/${list}.ts`),
  ];
  expect(run('oxlint/bin/oxlint', '--type-check', ...files)).toContain('0 errors');
  expect(run('oxfmt/bin/oxfmt', '--check', ...folders)).toContain('correct format');
});

it.each([
  ['some-hint', ['t1.json', 't4.json']],
  ['some-regressor', ['normalised.json', 'plain.json']],
])('writes %s with the golden numbers of its cases', async (id, cases) => {
  const { units } = (await import(/* @vite-ignore */ join(hints, id, 'golden.ts'))) as {
    units: Record<string, Unit>;
  };
  const files = readdirSync(join(hints, id, 'golden'));
  expect(files.sort()).toEqual(cases);
  for (const file of files) {
    const json: unknown = JSON.parse(readFileSync(join(hints, id, 'golden', file), 'utf8'));
    expect(await runGolden(json, units, () => Promise.reject(new Error('no weights')))).toEqual([]);
  }
});

describe.skipIf(!python || !isLong)('scripts/golden.py', () => {
  const folder = () => join(hints, 'some-regressor');
  const golden = (...options: string[]) =>
    execFileSync(python!, [join(root, 'scripts/golden.py'), folder(), ...options], {
      encoding: 'utf8',
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    });
  const read = (name: string) =>
    JSON.parse(readFileSync(join(folder(), 'golden', `${name}.json`), 'utf8')) as GoldenCase;
  const change = (from: string, to: string) => {
    const path = join(folder(), 'golden.py');
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(from, to));
  };

  it('works out weights and their gradients in the layouts of the op table', () => {
    const before = read('plain');
    golden();
    expect(read('plain')).toEqual(before);
    expect(before.weights!['projection.kernel']!.shape).toEqual([5, 7]);
    expect(before.expected.grads!['projection.kernel']!.shape).toEqual([5, 7]);
    expect(golden('--check')).toContain('some-regressor/plain: off by 0.0e+00');
  });

  it('draws anew what has other shapes, and removes what is no longer named', () => {
    change('(4, 5)', '(4, 6)');
    change('(7, 5)', '(7, 6)');
    change('"normalised":', '"of length 1":');
    expect(golden()).toContain('some-regressor/normalised: removed');
    expect(readdirSync(join(folder(), 'golden')).sort()).toEqual(['of length 1.json', 'plain.json']);
    expect(read('plain').inputs['studentFeature']!.shape).toEqual([4, 6]);
    expect(read('plain').weights!['projection.kernel']!.shape).toEqual([6, 7]);
  });
});
