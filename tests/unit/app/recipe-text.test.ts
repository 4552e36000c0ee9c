import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changesBetween } from '../../../src/app/recipe/diff';
import { differencesAmong } from '../../../src/app/recipe/differences';
import { hintKeysOf, shortHintNames, withDataset, withHint } from '../../../src/app/recipe/edits';
import { recipeDifference, recipeFromHash, recipeToHash } from '../../../src/app/recipe/link';
import { fromShare, nudged, numberText, parseNumber, toShare } from '../../../src/app/recipe/numbers';
import { methodName } from '../../../src/app/recipe/summaries';
import { knobProblem } from '../../../src/distill/knobs';
import { methods } from '../../../src/distill/methods/abouts';
import { defaultHint, defaultRecipe, hintEntryKnobs, withValue } from '../../../src/distill/recipe';
import { scheduleKnobs } from '../../../src/distill/schedule/about';
import { anyRecipe } from './recipes';

describe('a link', () => {
  test('brings back every recipe, without a complaint', () => {
    fc.assert(
      fc.property(anyRecipe, (recipe) => {
        expect(recipeFromHash(recipeToHash(recipe))).toEqual({ recipe, problems: [] });
      }),
      { numRuns: 60 },
    );
  });

  test('holds only what differs', () => {
    expect(recipeDifference(defaultRecipe())).toEqual({});
    const turned = withValue(defaultRecipe(), 'schedule.steps', 300);
    expect(recipeDifference(turned)).toEqual({ schedule: { steps: 300 } });
  });

  test('of any length is read or refused at once, and says little', () => {
    const keys = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, i]));
    const linkOf = (input: unknown) => `#v2=${btoa(JSON.stringify(input))}`;
    const long = recipeFromHash(linkOf(keys(40_000)))!;
    expect(long.recipe).toEqual(defaultRecipe());
    expect(long.problems).toHaveLength(1);
    expect(long.problems[0]!.message).toMatch(
      /The link has \d\d\d,\d+ characters, far more than a recipe takes/,
    );
    for (const input of [
      keys(4000),
      { schedule: keys(4000) },
      { hints: [{ id: 'kd', knobs: keys(4000) }] },
    ]) {
      const { problems } = recipeFromHash(linkOf(input))!;
      expect(problems).toHaveLength(21);
      expect(problems.at(-1)!.message).toBe('There are 3,980 more like these.');
    }
    const huge = 'x'.repeat(50_000);
    for (const input of [
      { [huge]: 1 },
      { title: huge },
      { method: huge },
      { schedule: { [huge]: 1 } },
      { hints: [{ id: huge }] },
      { teacher: { kind: huge } },
      { version: huge },
    ])
      for (const { message, path } of recipeFromHash(linkOf(input))!.problems)
        expect(message.length + path.length).toBeLessThan(300);
  });

  test('that is cut off, of another version, or of something else is told apart', () => {
    const whole = recipeToHash(withValue(defaultRecipe(), 'schedule.steps', 300));
    expect(whole).toMatch(/^#v2=/);
    expect(recipeFromHash(whole.slice(0, -6))?.problems[0]?.message).toMatch(/damaged/);
    expect(recipeFromHash('#v3=abc')?.problems[0]?.message).toMatch(/another version/);
    expect(recipeFromHash('#instruments')).toBeNull();
    expect(recipeFromHash('')).toBeNull();
  });
});

describe('what changed between two recipes', () => {
  test('is nothing for the same recipe', () => {
    fc.assert(
      fc.property(anyRecipe, (recipe) => {
        expect(changesBetween(recipe, structuredClone(recipe))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  test('is told in the words of the forms', () => {
    const before = defaultRecipe();
    const after = withHint(withValue(before, 'material.labelNoise', 40), 'fitnet');
    expect(changesBetween(before, after)).toEqual([
      { path: 'material.labelNoise', label: 'Label noise', from: '0\u00a0%', to: '40\u00a0%' },
      { path: 'hints.1', label: 'FitNets · Hint', from: '', to: 'added' },
    ]);
  });
});

test('another data set takes a teacher that fits it', () => {
  const fashion = withDataset(withValue(defaultRecipe(), 'material.halve', true), 'fashion-mnist');
  expect(fashion.teacher.knobs['source']).toBe('fashion-14x14-cnn-24-48-96');
  expect(withDataset(fashion, 'upload').teacher.knobs['source']).toBe('train');
});

test('a hint that occurs twice has two keys', () => {
  const recipe = withHint(withHint(defaultRecipe(), 'fitnet'), 'kd');
  expect(hintKeysOf(recipe)).toEqual(['kd', 'fitnet', 'kd-2']);
});

test('a recipe is called by its method until it has left it', () => {
  const kd = methods.find(({ id }) => id === 'kd')!.apply(defaultRecipe());
  expect(methodName(withValue(kd, 'hints.0.weight', 2)).changed).toBe(false);
  expect(methodName(withHint(kd, 'fitnet')).changed).toBe(true);
});

test('beside the end of a line a hint is called by the abbreviation of its paper', () => {
  const base = defaultRecipe();
  const recipe = {
    ...base,
    hints: [...base.hints, defaultHint('dkd'), defaultHint('dkd'), defaultHint('soft-answers')],
  };
  expect(shortHintNames(recipe)).toEqual(['KD', 'DKD 1', 'DKD 2', 'Soft-target cross-entropy']);
});

describe('a number field', () => {
  test('understands what people type', () => {
    expect(['0,5', ' 1e-4 ', '−3', '12'].map(parseNumber)).toEqual([0.5, 1e-4, -3, 12]);
    expect(['', 'a', '1,000,000'].map(parseNumber)).toEqual([NaN, NaN, NaN]);
  });

  test('a weight moves by steps of its own size, whatever that is', () => {
    const { weight } = hintEntryKnobs;
    const up = (value: number) => nudged(weight, value, 1, false);
    expect([0, 0.001, 0.9, 100, 30_000].map(up)).toEqual([0.05, 0.001_05, 0.95, 105, 30_500]);
    expect(nudged(weight, 0.001, -1, true)).toBeCloseTo(0.0005, 10);
    expect(nudged(weight, 0.05, -1, true)).toBeGreaterThanOrEqual(0);
  });

  test.each(['learningRate', 'momentum', 'steps'] as const)('%s: every slider place is usable', (name) => {
    const knob = scheduleKnobs[name];
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean(), (share, large) => {
        const value = fromShare(knob, share);
        expect(knobProblem(knob, value)).toBeNull();
        expect(knobProblem(knob, nudged(knob, value, 1, large))).toBeNull();
        expect(parseNumber(numberText(value))).toBeCloseTo(value, 12);
        expect(toShare(knob, value)).toBeCloseTo(share, 1);
      }),
    );
  });
});

describe('what sets several recipes apart', () => {
  const base = { ...defaultRecipe(), hints: [defaultHint('kd')] };

  test('is a row for each knob with the value of every recipe', () => {
    const steps = withValue(base, 'schedule.steps', 300);
    const at = { ...base, hints: [{ ...defaultHint('kd'), weight: 3 }, defaultHint('at')], seed: 9 };
    const rows = differencesAmong([base, steps, at]);
    const valuesOf = (pattern: RegExp) => rows.find(({ label }) => pattern.test(label))?.values;
    expect(valuesOf(/^Steps/)).toEqual([String(base.schedule.steps), '300', String(base.schedule.steps)]);
    expect(valuesOf(/attention/i)).toEqual([null, null, expect.any(String)]);
    expect(valuesOf(/^Seed/)).toEqual([String(base.seed), String(base.seed), '9']);
    expect(rows.map(({ section }) => section)).toEqual([
      'Distillation losses',
      'Distillation losses',
      'Training',
      'Training',
    ]);
    expect(differencesAmong([base, base])).toEqual([]);
  });

  test('of two is what was turned from one to the other', () => {
    fc.assert(
      fc.property(anyRecipe, anyRecipe, (one, other) => {
        const rows = differencesAmong([one, other]);
        expect(rows.length > 0).toBe(changesBetween(one, other).length > 0);
        for (const { values } of rows) expect(values).toHaveLength(2);
      }),
      { numRuns: 40 },
    );
  });
});
