import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hintAbouts, hintIds } from '../../../src/distill/hints/abouts';
import { examples } from '../../../src/app/examples';
import { methods } from '../../../src/distill/methods/abouts';
import {
  defaultRecipe,
  knobAt,
  readRecipe,
  recipeVersion,
  valueAt,
  withValue,
  type Recipe,
} from '../../../src/distill/recipe';
import { hintFactor } from '../../../src/distill/weighting/fixed/schedule';
import { planRun } from '../../../src/training/plan';
import { targetRefusal } from '../../../src/distill/target-refusal';
import { labelledRows } from '../../support/task-sets';
import { tinyDataset } from '../training/tiny';

describe('reading a recipe', () => {
  it('takes its own output as it is', () => {
    const recipe = defaultRecipe();
    expect(readRecipe(JSON.parse(JSON.stringify(recipe)))).toEqual({ recipe, problems: [] });
  });

  it('reports every fault by path and stays usable', () => {
    const { recipe, problems } = readRecipe({
      seed: -1,
      schedule: { learningRate: 'fast', batch: 2.5, colour: 'red' },
      hints: [{ id: 'kd', knobs: { temperature: 99 } }, { id: 'magic' }],
      student: { network: 'transformer' },
      teacher: { kind: 'parrot' },
      extra: 1,
    });
    expect(problems.map(({ path }) => path).sort()).toEqual([
      'extra',
      'hints.0.knobs.temperature',
      'hints.1',
      'schedule.batch',
      'schedule.colour',
      'schedule.learningRate',
      'seed',
      'student.network',
      'teacher.kind',
    ]);
    expect(recipe.schedule).toEqual(defaultRecipe().schedule);
    expect(problems.find(({ path }) => path === 'hints.0.knobs.temperature')?.message).toBe(
      'Temperature must be between 1 and 20.',
    );
  });

  it('refuses another version with a sentence', () => {
    expect(readRecipe({ version: 9 }).problems[0]?.message).toMatch(
      /version 9; this page reads the versions 1 and 2/,
    );
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { recipe } = readRecipe(value);
        expect(readRecipe(recipe).problems).toEqual([]);
      }),
    );
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('hints', 'teacher', 'schedule', 'material', 'seed', '__proto__'),
          fc.jsonValue(),
        ),
        (value) => {
          expect(readRecipe(readRecipe(value).recipe).problems).toEqual([]);
        },
      ),
    );
  });
});

describe('knobs by path', () => {
  it('are found, read and changed', () => {
    const recipe = defaultRecipe();
    expect(knobAt(recipe, 'hints.0.knobs.temperature')?.label).toBe('Temperature');
    expect(valueAt(recipe, 'hints.0.weight')).toBe(0.9);
    expect(withValue(recipe, 'schedule.learningRate', 0.1).schedule.learningRate).toBe(0.1);
    expect(recipe.schedule.learningRate).toBe(0.01);
    for (const path of ['hints.7.weight', 'schedule.nothing', 'schedule.__proto__', 'x', ''])
      expect(knobAt(recipe, path)).toBeUndefined();
  });
});

describe('what is offered', () => {
  it('calls each hint in lists as it calls itself', () => {
    for (const id of hintIds) expect(hintAbouts[id].id).toBe(id);
  });

  it('has methods that make valid recipes, from the default and after one another', () => {
    let recipe = defaultRecipe();
    for (const method of [...methods, ...methods.toReversed()]) {
      recipe = method.apply(withValue(recipe, 'student.network', 'cnn-4-8'));
      expect(readRecipe(recipe)).toEqual({ recipe, problems: [] });
      const trainedHere = { ...recipe };
      const { kind, knobs } = trainedHere.teacher;
      if (knobs['source'] !== undefined) trainedHere.teacher = { kind, knobs: { ...knobs, source: 'train' } };
      const ofClasses = targetRefusal(trainedHere, 'class') === null;
      if (!ofClasses) trainedHere.student = { ...trainedHere.student, network: 'mlp-8' };
      if (!ofClasses)
        trainedHere.teacher = { kind, knobs: { ...trainedHere.teacher.knobs, network: 'mlp-8' } };
      const dataset = ofClasses ? tinyDataset() : labelledRows();
      expect(() => planRun(trainedHere, dataset), method.id).not.toThrow();
    }
  });

  it('goes back to one teacher after a method of another kind, and keeps what both have in common', () => {
    const apply = (id: string, recipe: Recipe) => methods.find((method) => method.id === id)!.apply(recipe);
    const trained = withValue(
      withValue(defaultRecipe(), 'teacher.knobs.source', 'train'),
      'teacher.knobs.network',
      'resnet8',
    );
    const route = apply('rco', trained);
    expect(route.teacher.kind).toBe('route');
    expect(route.teacher.knobs['network']).toBe('resnet8');
    expect(apply('dml', route).teacher.kind).toBe('peers');
    expect(apply('kd', apply('dml', route)).teacher).toEqual(defaultRecipe().teacher);
    // A teacher of another kind that was chosen by hand stays.
    expect(apply('dkd', { ...route, method: 'kd' }).teacher).toEqual(route.teacher);
  });

  it('ships example recipes that read without a fault', () => {
    const folder = 'public/examples';
    const files = readdirSync(folder);
    expect(files.sort()).toEqual(examples.map(({ id }) => `${id}.json`).sort());
    for (const file of files) {
      const json = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as { version: number };
      expect(json.version, file).toBe(recipeVersion);
      expect(readRecipe(json).problems, file).toEqual([]);
    }
  });
});

describe('the schedule of fixed weights', () => {
  it('rises, holds and falls', () => {
    const knobs = { warmup: 10, decayFrom: 50, endWeight: 0.2, autoBalance: false };
    const expected = { 0: 0, 0.05: 0.5, 0.1: 1, 0.5: 1, 0.75: 0.6, 1: 0.2 };
    for (const [share, factor] of Object.entries(expected))
      expect(hintFactor(Number(share), knobs)).toBeCloseTo(factor, 9);
    expect(hintFactor(1, { ...knobs, decayFrom: 100 })).toBe(1);
  });
});

it('values nested without end are named in a few words', () => {
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  for (const input of [{ version: deep }, { hints: [deep] }, { teacher: { kind: deep } }, { seed: deep }]) {
    const { problems } = readRecipe(input);
    expect(problems.length).toBeGreaterThan(0);
    for (const { message } of problems) expect(message.length).toBeLessThan(200);
  }
});
