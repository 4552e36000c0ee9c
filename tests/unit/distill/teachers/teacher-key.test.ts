import { describe, expect, test } from 'vitest';
import { axisKnobs } from '../../../../src/experiment/axes';
import type { Knob, KnobValue } from '../../../../src/distill/knobs';
import { readRecipe, withValue, type Recipe } from '../../../../src/distill/recipe';
import { teacherAbouts } from '../../../../src/distill/teachers/abouts';
import { labelsKey, teacherKey } from '../../../../src/distill/teachers/teacher-key';

const place = { dataset: 'digits-8x8', backend: 'wasm, 1 thread, SIMD' };
const keyOf = (recipe: Recipe) => teacherKey(recipe, place);

/** Every knob of it means something: labels are given, noise is there, images are disturbed. */
function recipeOf(kind: string, knobs: Record<string, unknown> = {}): Recipe {
  return readRecipe({
    version: 2,
    seed: 4,
    teacher: { kind, knobs },
    hints: [{ id: 'kd', weight: 1 }],
    material: { labelsPerClass: 8, labelNoise: 10, unlabelled: 40, trainNoise: 5 },
  }).recipe;
}

function otherValue(knob: Knob, value: KnobValue): KnobValue {
  switch (knob.kind) {
    case 'switch':
      return !value;
    case 'choice':
      return knob.options.find((option) => option.value !== value)!.value;
    case 'text':
      return knob.suggestions.find((known) => known.value !== value)?.value ?? 'other';
    case 'number':
      return value === knob.max ? knob.min : knob.max;
  }
}

/** Paths of the knobs with which the key changes. */
function decisive(recipe: Recipe): string[] {
  return axisKnobs(recipe)
    .filter(
      ({ path, knob, value }) => keyOf(withValue(recipe, path, otherValue(knob, value))) !== keyOf(recipe),
    )
    .map(({ path }) => path);
}

const ofMaterial = [
  ...['halve', 'validation', 'trainNoise', 'trainBlur', 'trainContrast', 'testNoise', 'testBlur'],
  ...['testContrast', 'teacherView'],
].map((name) => `material.${name}`);
/** Its own passes keep their maps as the student’s do. */
const ofTraining = [...ofMaterial, 'schedule.maps'];
const ofLabels = ['labelsPerClass', 'unnamedClass', 'labelNoise', 'noiseKind'].map(
  (name) => `material.${name}`,
);

describe('the key of a trained teacher', () => {
  test('changes with each knob of its training and of its data, and with no other', () => {
    for (const [kind, shown] of [
      ['single', ['corruption']],
      ['ensemble', ['corruption', 'average', 'mode']],
      ['specialists', ['corruption']],
      ['granular', ['corruption', 'mode']],
      ['route', ['corruption']],
    ] as const) {
      const recipe = recipeOf(kind, { source: 'train', labels: 'all' });
      const own = axisKnobs(recipe)
        .map(({ path }) => path)
        .filter(
          (path) => path.startsWith('teacher.') && !shown.some((name) => path === `teacher.knobs.${name}`),
        );
      expect(decisive(recipe).toSorted(), kind).toEqual([...own, ...ofTraining].toSorted());
    }
  });

  test('changes with the labels where it learns from the student’s', () => {
    const recipe = recipeOf('single', { source: 'train', labels: 'student' });
    expect(decisive(recipe)).toEqual(expect.arrayContaining([...ofMaterial, ...ofLabels]));
    const dynamic = {
      id: 'hint-dynamic',
      knobs: { ...recipe.weighting.knobs, metaSet: 'held-out', metaPerClass: 3 },
    };
    const held = readRecipe({ ...recipe, weighting: dynamic }).recipe;
    expect(keyOf(held)).not.toBe(keyOf(recipe));
    expect(labelsKey(held)).not.toBe(labelsKey(recipe));
  });

  test('changes with the second domain, from which it has no label', () => {
    const recipe = withValue(
      recipeOf('single', { source: 'train' }),
      'material.unlabelledFrom',
      'second-domain',
    );
    expect(decisive(recipe)).toEqual(
      expect.arrayContaining([
        'material.unlabelledFrom',
        'material.secondDomain',
        'material.secondDomainShare',
      ]),
    );
  });

  test('changes with seed, data and backend', () => {
    const recipe = recipeOf('single', { source: 'train' });
    const keys = [
      keyOf(recipe),
      keyOf({ ...recipe, seed: 5 }),
      teacherKey(recipe, { ...place, dataset: 'blobs' }),
      teacherKey(recipe, { ...place, backend: 'cpu, 1 thread, no SIMD' }),
    ];
    expect(new Set(keys).size).toBe(4);
  });

  test('is none where the teacher goes on learning, or is not trained here', () => {
    const kinds = Object.keys(teacherAbouts).filter(
      (kind) => keyOf(recipeOf(kind, { source: 'train' })) === null,
    );
    expect(kinds).toEqual(['peers', 'joint', 'adapting', 'fusion', 'recorded', 'none']);
    expect(keyOf(recipeOf('single'))).toBeNull();
  });
});
