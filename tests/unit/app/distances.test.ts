import { expect, test } from 'vitest';
import { distanceOf, meanDistance } from '../../../src/app/method-views/distances';
import type { MethodViewPanel } from '../../../src/distill/views';

const panel = (who: 'teacher' | 'student', values: number[]): MethodViewPanel => ({
  who,
  kind: 'bars',
  label: '',
  shape: [2, 2],
  values: Float32Array.from(values),
});
const teacher = panel('teacher', [0.75, 0.25, 1, 0]);
const student = panel('student', [0.5, 0.5, 0.5, 0.5]);

test('total variation and the divergence from the teacher to the student, whatever the order of the two', () => {
  const divergence = 0.75 * Math.log(1.5) + 0.25 * Math.log(0.5);
  for (const panels of [
    [teacher, student],
    [student, teacher],
  ]) {
    expect(distanceOf(panels, 0).variation).toBeCloseTo(0.25, 6);
    expect(distanceOf(panels, 0).divergence).toBeCloseTo(divergence, 6);
    // A class that the teacher rules out counts nothing.
    expect(distanceOf(panels, 1).divergence).toBeCloseTo(Math.log(2), 6);
    expect(meanDistance(panels).divergence).toBeCloseTo((divergence + Math.log(2)) / 2, 6);
  }
});
