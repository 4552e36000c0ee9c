import { expect, test } from 'vitest';
import { readRecipe, withValue } from '../../../../src/distill/recipe';
import { knobsOfFiles, lineUpTo } from '../../../../src/distill/teachers/abouts';

test('a line of networks grows with every run whose network teaches the next', () => {
  const { recipe: first } = readRecipe({
    teacher: { kind: 'single', knobs: { source: 'train', network: 'resnet20' } },
    student: { network: 'resnet8' },
    hints: [{ id: 'kd' }],
  });
  const files = {
    id: 'ab',
    network: 'resnet8',
    normalisation: { mean: 0, deviation: 1 },
    answers: 'logits' as const,
  };
  const { kind, knobs } = knobsOfFiles(files, lineUpTo(first, 'student').join(' → '));
  const second = { ...first, teacher: { kind, knobs } };
  const student = withValue(second, 'student.network', 'cnn-8-16');
  expect(lineUpTo(student, 'student').join(' → ')).toBe('resnet20 → resnet8 → cnn-8-16');
  expect(lineUpTo(student, 'teacher')).toEqual(['resnet20', 'resnet8']);
  // Nothing was distilled into the baseline.
  expect(lineUpTo(student, 'control')).toEqual(['cnn-8-16']);
  expect(lineUpTo({ ...first, hints: [] }, 'student')).toEqual(['resnet8']);
});
