import { describe, expect, it } from 'vitest';
import { methods } from '../../../src/distill/methods/abouts';
import { defaultRecipe, withValue } from '../../../src/distill/recipe';
import {
  differencesOf,
  fairnessSentences,
  type FairRow,
  type RunSize,
} from '../../../src/experiment/fairness';

const size: RunSize = {
  labelled: 50,
  unlabelled: 100,
  meta: 0,
  steps: 200,
  student: 1000,
  beside: 0,
  teacher: 5000,
};
const base = withValue(defaultRecipe(), 'material.validation', 20);
const row = (name: string, changes: Partial<FairRow> = {}): FairRow => ({
  name,
  recipe: base,
  axes: [],
  size,
  ...changes,
});

describe('what sets rows apart', () => {
  it('is nothing where they are alike', () => {
    expect(fairnessSentences([row('a'), row('b'), row('c')])).toEqual([]);
  });

  it('is another optimiser, as a method brings it along', () => {
    const hkd = methods.find(({ id }) => id === 'hkd')!.apply(base);
    const sentences = fairnessSentences([row('KD'), row('DKD'), row('HKD', { recipe: hkd })]);
    expect(sentences).toContain('Optimiser: Adam in most rows; SGD with momentum in HKD.');
    expect(sentences).toContain('Learning rate: 0.01 in most rows; 0.05 in HKD.');
    expect(sentences.some((sentence) => sentence.startsWith('Momentum:'))).toBe(false);
  });

  it('is not the knob that is swept, but whatever else differs with it', () => {
    const swept = (steps: number) =>
      row(`${steps}`, {
        recipe: withValue(base, 'schedule.steps', steps),
        axes: ['schedule.steps'],
        size: { ...size, steps },
      });
    expect(fairnessSentences([swept(100), swept(200)])).toEqual([]);
    const other = { ...swept(400), recipe: withValue(swept(400).recipe, 'schedule.batch', 64) };
    expect(differencesOf([swept(100), swept(200), other]).map(({ title }) => title)).toEqual(['Batch size']);
  });

  it('is labels, steps and parameters that only the run shows', () => {
    const more = row('HKD', { size: { ...size, meta: 100, steps: 260, beside: 4000 } });
    expect(fairnessSentences([row('KD'), more])).toEqual([
      'Labels: 50 in KD; 50 and 100 for the weighting in HKD.',
      'Steps of the student: 200 in KD; 260 in HKD.',
      'Parameters trained beside the student’s: none in KD; 4000 in HKD.',
    ]);
  });

  it('is a student that is as large as its teacher, and test data that are looked at', () => {
    const large = row('Twin', { size: { ...size, teacher: 1000 } });
    expect(fairnessSentences([row('KD'), large])).toEqual([
      'The student has no fewer parameters than its teacher in Twin.',
    ]);
    expect(fairnessSentences([row('KD', { recipe: defaultRecipe() })])[0]).toMatch(/^No validation split/);
  });

  it('is another teacher, and where its labels come from', () => {
    const self = methods.find(({ id }) => id === 'tfkd-self')!.apply(base);
    const none = methods.find(({ id }) => id === 'labels-only')!.apply(base);
    const [sentence] = fairnessSentences([
      row('KD'),
      row('DKD'),
      row('Self', { recipe: self }),
      row('Labels', { recipe: none }),
    ]);
    expect(sentence).toMatch(/^Teacher: .+ in KD, DKD; .+, The student’s in Self; .+ in Labels\.$/);
    const route = withValue(self, 'teacher.knobs.labels', 'all');
    const swept = [self, route].map((recipe, i) => row(`${i}`, { recipe, axes: ['teacher.knobs.labels'] }));
    expect(fairnessSentences(swept)).toEqual([]);
  });

  it('counts rows where there are many', () => {
    const many = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) =>
      row(name, { recipe: withValue(base, 'student.network', 'mlp-17') }),
    );
    const [sentence] = fairnessSentences([...many, ...many.map((one) => ({ ...one, name: 'x' })), row('z')]);
    expect(sentence).toBe('Student network: mlp-17 in most rows; MLP, 32 hidden units in z.');
    const [listed] = fairnessSentences([row('y'), ...many, ...Array.from({ length: 8 }, () => row('q'))]);
    expect(listed).toBe(
      'Student network: MLP, 32 hidden units in most rows; mlp-17 in a, b, c and 3 others.',
    );
  });
});
