import { expect, test } from 'vitest';
import { midSentence } from '../../../src/limits/texts';

test.each([
  ['Soft targets', 'soft targets'],
  ['Labels', 'labels'],
  ['Weight of ReviewKD', 'weight of ReviewKD'],
  ['ReviewKD', 'ReviewKD'],
  ['FitNet (regressor)', 'FitNet (regressor)'],
  ['KL to the teacher', 'KL to the teacher'],
  ['AT · Attention transfer', 'AT · Attention transfer'],
  ['Holistic KD', 'Holistic KD'],
  ['Reverse KL 2', 'Reverse KL 2'],
  ['FFSD · Fused students', 'FFSD · Fused students'],
  ['Apprentice · Low-precision student', 'Apprentice · Low-precision student'],
  ['Teacher’s answers', 'teacher’s answers'],
  ['', ''],
])('“%s” within a sentence is “%s”', (label, expected) => {
  expect(midSentence(label)).toBe(expected);
});
