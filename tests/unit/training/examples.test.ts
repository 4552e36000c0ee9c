/**
 * The example recipes on real digits. Asserted is only what held in every seed when the recipes were chosen: the sign
 * and a lower bound of a gain; never a paper's figure. The other examples are in `examples.long.test.ts`.
 */
import { describe, expect, it } from 'vitest';
import { example, final, finish, useDigits } from './example-runs';

useDigits();

describe('examples on digits', () => {
  it('few-labels: the student beats its control', async () => {
    const { student, control, teacher } = final(await finish(await example('few-labels')));
    expect(student! - control!).toBeGreaterThan(0.04);
    expect(teacher).toBeCloseTo(0.9917, 3);
  });
});
