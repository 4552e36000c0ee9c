/**
 * The example recipes on real digits. Asserted is only what held in every seed when the recipes were chosen: the sign
 * and a lower bound of a gain, and where HKD's weights end; never a paper's figure.
 */
import { describe, expect, it } from 'vitest';
import { example, final, finish, meanWeight, useDigits } from './example-runs';
import { ofType } from './tiny';

useDigits();

describe('examples on digits', () => {
  it('few-labels: the student beats its control', async () => {
    const { student, control, teacher } = final(await finish(await example('few-labels')));
    expect(student! - control!).toBeGreaterThan(0.04);
    expect(teacher).toBeCloseTo(0.9917, 3);
  });

  it('unnamed-class: the student knows a class for which it has no label, the control does not', async () => {
    const { perClass, final } = ofType(await finish(await example('unnamed-class')), 'finished')[0]!;
    expect(final.student! - final.control!).toBeGreaterThan(0.04);
    expect(perClass.control![3]).toBe(0);
    expect(perClass.student![3]).toBeGreaterThan(0.5);
  });

  it('hkd-nonsense-hint: the nonsense sinks, the real hint stays', async () => {
    const events = await finish(await example('hkd-nonsense-hint'));
    expect(meanWeight(events, 'kd-2', () => true)).toBeLessThan(0.1);
    expect(meanWeight(events, 'kd', () => true)).toBeGreaterThan(1);
  });
});
