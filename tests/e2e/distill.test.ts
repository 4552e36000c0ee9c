import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Metrics } from '../../src/record/run-metrics';
import { runCommand, temporaryFolder } from './command';
import { classNames, pictureCsv, pictureFiles, writeFiles } from './fixtures';

const shortRecipe = {
  version: 2,
  title: 'Short',
  seed: 3,
  student: { network: 'mlp-32' },
  schedule: { steps: 30, batch: 16, evaluateEvery: 10 },
};

function distill(folder: string, ...options: string[]) {
  return runCommand('distill.mjs', options, folder);
}

/** Names of the tensors in a safetensors file. */
function tensorNames(path: string): string[] {
  const bytes = readFileSync(path);
  const header = bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString('utf8');
  return Object.keys(JSON.parse(header) as object).filter((name) => name !== '__metadata__');
}

describe('a run from a terminal', () => {
  test('writes metrics, weights and answers of the bundled example; the teacher’s answers teach as it did', async () => {
    const folder = writeFiles(temporaryFolder(), { 'recipe.json': JSON.stringify(shortRecipe) });
    const { code, stdout, stderr } = await distill(
      folder,
      'recipe.json',
      '--out',
      'out',
      '--backend',
      'wasm',
      '--answers',
      'csv',
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('Test accuracy');

    const metrics = JSON.parse(readFileSync(join(folder, 'out', 'metrics.json'), 'utf8')) as Metrics;
    expect(metrics.backend).toBe('wasm');
    expect(metrics.recipe.seed).toBe(3);
    const steps = metrics.evaluations.filter(({ phase }) => phase === 'student').map(({ step }) => step);
    expect(steps).toEqual(expect.arrayContaining([10, 20, 30]));
    expect(metrics.watched.length).toBeGreaterThan(0);
    expect(metrics.backends).toEqual([
      { name: 'wasm', device: metrics.device, from: { phase: 'student', step: 1 } },
    ]);
    expect(metrics.steps.student.steps).toHaveLength(30);
    expect(metrics.curves.student.columns['student']?.at(-1)).toBeCloseTo(
      metrics.evaluations.at(-1)!.accuracy!.student!,
    );
    for (const learner of ['student', 'control', 'teacher'] as const) {
      expect(metrics.final?.[learner]).toBeGreaterThanOrEqual(0);
      expect(metrics.final?.[learner]).toBeLessThanOrEqual(1);
    }
    // 30 steps are no proof of a method, but a teacher that was shipped as trained must know its digits.
    expect(metrics.final?.teacher).toBeGreaterThan(0.95);
    expect(tensorNames(join(folder, 'out', 'student.safetensors')).length).toBeGreaterThan(1);
    expect(tensorNames(join(folder, 'out', 'teacher.safetensors')).length).toBeGreaterThan(1);

    const answers = ['--teacher', join('out', 'teacher-answers.csv'), '--out', 'again', '--backend', 'wasm'];
    const again = await distill(folder, 'recipe.json', ...answers);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stdout).toMatch(/^teacher: accuracy [\d.]+.%.on the training split, accuracy 9/m);
    const taught = JSON.parse(readFileSync(join(folder, 'again', 'metrics.json'), 'utf8')) as Metrics;
    expect(taught.final?.teacher).toBe(metrics.final?.teacher);
    // The teacher that ships brings its own normalisation, rounded, which the student then shares.
    const lossOf = ({ steps: { student } }: Metrics) => student.columns['kd']!.at(-1)!;
    expect(lossOf(taught)).toBeCloseTo(lossOf(metrics), 3);
  });

  test('learns an uploaded folder in place of the recipe’s data set', async () => {
    const recipe = {
      ...shortRecipe,
      teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-64-32', epochs: 4 } },
      schedule: { steps: 60, batch: 16, evaluateEvery: 30 },
    };
    const folder = writeFiles(temporaryFolder(), { 'recipe.json': JSON.stringify(recipe) });
    writeFiles(join(folder, 'stripes'), pictureFiles(40));
    const choices = ['testShare=50', 'nonsense=1'].flatMap((pair) => ['--choose', pair]);
    const order = ['recipe.json', '--data', 'stripes', ...choices, '--backend', 'wasm'];
    const { code, stdout, stderr } = await distill(folder, ...order);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('60 training and 60 test images');
    expect(stdout).toContain('nonsense=1 was passed over');
    const metrics = JSON.parse(readFileSync(join(folder, 'distill-out', 'metrics.json'), 'utf8')) as Metrics;
    expect(metrics.facts?.dataset.classes).toEqual(classNames);
    // Three clean patterns: guessing would give a third.
    expect(metrics.final?.student).toBeGreaterThan(0.6);
  });

  test('says why it cannot run and writes nothing', async () => {
    const folder = writeFiles(temporaryFolder(), {
      'broken.json': '{',
      'wrong.json': JSON.stringify({ ...shortRecipe, schedule: { learningRate: -1 } }),
      'recipe.json': JSON.stringify(shortRecipe),
      'noise.bin': 'not a picture',
    });
    const broken = await distill(folder, 'broken.json');
    expect(broken).toMatchObject({ code: 2, stdout: '' });
    expect(broken.stderr).toContain('is not JSON');

    const wrong = await distill(folder, 'wrong.json');
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('schedule.learningRate');

    const refused = await distill(folder, 'recipe.json', '--data', 'noise.bin');
    expect(refused.code).toBe(1);
    expect(refused.stderr.trim()).not.toBe('');
    expect(existsSync(join(folder, 'distill-out'))).toBe(false);
  });
});

describe('an inspection', () => {
  test('reads a table, takes choices in place of guesses, and says which it passed over', async () => {
    const folder = writeFiles(temporaryFolder(), { 'stripes.csv': pictureCsv(10) });
    const choices = ['imageHeight=16', 'testShare=50', 'nonsense=1'].flatMap((pair) => ['--choose', pair]);
    const order = ['--inspect', '--data', 'stripes.csv', ...choices];
    const { code, stdout, stderr } = await distill(folder, ...order);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      train: 15,
      test: 15,
      shape: [16, 8, 1],
      classes: classNames,
    });
    expect(stderr).toContain('nonsense=1 was passed over');
  });
});
