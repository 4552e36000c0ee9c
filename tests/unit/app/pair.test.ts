/** Which networks are proposed for a data set, and what is said of a student that is not smaller. */
import { describe, expect, test } from 'vitest';
import { misfit, withFittingPair, type SetShape } from '../../../src/app/recipe/propose-pair';
import { verdictOf } from '../../../src/app/results/verdict';
import { sizeRemark, type Sized } from '../../../src/distill/pair';
import { methods } from '../../../src/distill/methods/abouts';
import { defaultRecipe, withValue, type Recipe } from '../../../src/distill/recipe';
import type { RunFacts } from '../../../src/training/events';
import { describeNetwork } from '../../../src/nn/describe';
import { withDataset } from '../../../src/app/recipe/edits';

const uploaded = (method = 'kd'): Recipe =>
  withDataset(methods.find(({ id }) => id === method)!.apply(defaultRecipe()), 'upload');
const size = (name: string, { input, outputs }: SetShape): number => {
  const description = describeNetwork(name, input, outputs);
  if ('problem' in description) throw new Error(description.problem);
  return description.parameters;
};

const sets: [string, SetShape][] = [
  ['8x8 grey', { input: [8, 8, 1], target: 'class', outputs: 10, images: 1000 }],
  ['32x32 colour', { input: [32, 32, 3], target: 'class', outputs: 10, images: 500 }],
  [
    '32x32 colour, many classes and images',
    { input: [32, 32, 3], target: 'class', outputs: 100, images: 50_000 },
  ],
  ['64x64 colour, two classes', { input: [64, 64, 3], target: 'class', outputs: 2, images: 30 }],
  ['a line of 28x4', { input: [28, 4, 1], target: 'class', outputs: 5, images: 200 }],
  ['2x2', { input: [2, 2, 1], target: 'class', outputs: 3, images: 90 }],
  ['a table of numbers', { input: [7], target: 'number', outputs: 1, images: 300 }],
  ['1x1', { input: [1, 1, 3], target: 'class', outputs: 3, images: 90 }],
];

describe('the pair that is proposed', () => {
  test.each(sets)('for %s has a clearly smaller student', (_, set) => {
    const recipe = withFittingPair(uploaded(), set);
    const [student, teacher] = [recipe.student.network, String(recipe.teacher.knobs['network'])];
    expect(2 * size(student, set)).toBeLessThanOrEqual(size(teacher, set));
    expect(withFittingPair(recipe, set), 'it suits itself').toBe(recipe);
  });

  test('the MLP of the first recipe outgrows its teacher on colour images, and is replaced', () => {
    const [, set] = sets[1]!;
    const before = uploaded();
    expect(size(before.student.network, set)).toBe(98_666);
    expect(size(String(before.teacher.knobs['network']), set)).toBe(72_954);
    const after = withFittingPair(before, set);
    expect(after.student.network).toMatch(/^cnn-/);
    expect(after.teacher).toEqual(before.teacher);
  });

  test.each(methods.filter(({ id }) => id !== 'labels-only').map(({ id }) => id))(
    'fits the losses of %s',
    (id) => {
      const [, set] = sets[1]!;
      const recipe = withFittingPair(uploaded(id), set);
      expect(withFittingPair(recipe, set)).toBe(recipe);
      const { kind, knobs } = recipe.teacher;
      if (
        kind === 'none' ||
        kind === 'peers' ||
        kind === 'fusion' ||
        knobs['network'] === recipe.student.network
      )
        return;
      expect(2 * size(recipe.student.network, set)).toBeLessThanOrEqual(size(String(knobs['network']), set));
    },
  );

  test('a teacher from a file stays, and the student is chosen for it', () => {
    let recipe = withValue(uploaded(), 'teacher.knobs.source', 'file');
    recipe = withValue(recipe, 'teacher.knobs.fileNetwork', 'cnn-8-16-32');
    const [, set] = sets[1]!;
    const after = withFittingPair(recipe, set);
    expect(after.teacher).toEqual(recipe.teacher);
    expect(2 * size(after.student.network, set)).toBeLessThanOrEqual(size('cnn-8-16-32', set));
  });

  test('a network that teaches itself is meant so', () => {
    const recipe = withValue(uploaded(), 'student.network', String(uploaded().teacher.knobs['network']));
    expect(withFittingPair(recipe, sets[1]![1])).toBe(recipe);
  });
});

const row = (role: Sized['role'], parameters: number, name = `${role}-${parameters}`) => ({
  role,
  parameters,
  name,
});

describe('a method whose losses do not fit the networks', () => {
  const [, set] = sets[0]!;
  const withMlp = (method: string) =>
    methods.find(({ id }) => id === method)!.apply(withValue(defaultRecipe(), 'student.network', 'mlp-32'));

  test.each(['at', 'review'])(
    '%s says so of an MLP before it is chosen, and fits after one click',
    (method) => {
      const recipe = withMlp(method);
      expect(misfit(recipe, set)).toMatch(/\.$/);
      expect(misfit(withFittingPair(recipe, set), set)).toBeNull();
    },
  );

  test('one that reads logits fits an MLP', () => {
    expect(misfit(withMlp('kd'), set)).toBeNull();
  });
});

describe('a student that is not smaller', () => {
  test('is warned of, with both sizes', () => {
    const remark = sizeRemark('single', [row('teacher', 72_954), row('student', 98_666)]);
    expect(remark?.tone).toBe('warning');
    expect(remark?.text).toContain('98,666 parameters, its teacher only 72,954');
    expect(sizeRemark('single', [row('teacher', 500), row('student', 500)])?.tone).toBe('warning');
    expect(sizeRemark('single', [row('teacher', 501), row('student', 500)])).toBeNull();
  });

  test('is named otherwise where it is its teacher’s twin, and not at all among peers or without a teacher', () => {
    const twins = [row('teacher', 500, 'resnet8'), row('student', 500, 'resnet8')];
    expect(sizeRemark('single', twins)?.tone).toBe('note');
    expect(sizeRemark('peers', twins)).toBeNull();
    expect(sizeRemark('peers', [row('teacher', 5), row('student', 500)])).toBeNull();
    expect(sizeRemark('none', [row('student', 500)])).toBeNull();
    expect(sizeRemark('single', [row('student', 500)]), 'a model that shows only answers').toBeNull();
  });

  test('is held against all members of an ensemble, and the one body of specialists', () => {
    const many = [row('teacher', 300), row('teacher', 300), row('student', 500)];
    expect(sizeRemark('ensemble', many)).toBeNull();
    expect(sizeRemark('specialists', many)?.tone).toBe('warning');
    expect(sizeRemark('ensemble', [...many.slice(0, 2), row('student', 600)])?.text).toContain('2 teachers');
  });

  test('stands in the verdict of its run', () => {
    const networks = [row('teacher', 10), row('student', 20)].map((known) => ({
      ...known,
      multiplyAdds: 1,
      activationBytes: 1,
    }));
    const facts = {
      networks,
      test: 100,
      labelled: 9,
      unlabelled: 0,
      wrongLabels: 0,
      meta: 0,
      dataset: { classes: [], shape: [8, 8, 1] },
    };
    const { reasons } = verdictOf({
      recipe: defaultRecipe(),
      facts: facts as unknown as RunFacts,
      final: { student: 0.5, control: 0.4, teacher: 0.6 },
      perClass: {},
      stopped: false,
      step: 9,
      weights: [],
    });
    expect(reasons.join(' ')).toContain('The student has 20 parameters, its teacher only 10');
  });
});
