import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anchorAtEpoch,
  equalIntervalEpochs,
  intervalFor,
  nextAnchor,
  relativeHardness,
} from '../../../../src/distill/teachers/route/anchors';

describe('equal intervals', () => {
  it('always ends with the converged teacher, in rising order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 250 }), (epochs, interval) => {
        const anchors = equalIntervalEpochs(epochs, interval);
        expect(anchors.at(-1)).toBe(epochs);
        expect(anchors).toEqual([...new Set(anchors)].sort((a, b) => a - b));
      }),
    );
  });

  it('never gives more anchors than asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 20 }), (epochs, count) => {
        expect(equalIntervalEpochs(epochs, intervalFor(epochs, count)).length).toBeLessThanOrEqual(count);
      }),
    );
    expect(equalIntervalEpochs(15, intervalFor(15, 4))).toEqual([4, 8, 12, 15]);
  });

  it('stays with the last anchor when the student trains longer than the teacher did', () => {
    expect([0, 3.9, 4, 11.5, 100].map((epoch) => anchorAtEpoch(3, 4, epoch))).toEqual([0, 0, 1, 2, 2]);
  });
});

describe('greedy search', () => {
  it('takes the next state when even that is too hard, and jumps to the end when nothing is', () => {
    expect(nextAnchor([1, 9, 9, 9], 0, 1.5)).toBe(1);
    expect(nextAnchor([1, 1.1, 1.2, 1.3], 0, 1.5)).toBe(3);
  });

  it('stops before the first state above the threshold, whatever comes after it', () => {
    expect(nextAnchor([1, 1.2, 3, 1.1, 1.4], 0, 1.5)).toBe(1);
  });

  it('counts a state exactly at the threshold as within reach', () => {
    expect(nextAnchor([1, 1.5, 1.5, 1.6], 0, 1.5)).toBe(2);
  });

  it('stays finite for a student that answers just like its anchor', () => {
    const relative = relativeHardness([0, 0, 1e-5], 0);
    expect(relative.every(Number.isFinite)).toBe(true);
    expect(nextAnchor(relative, 0, 1.5)).toBe(1);
  });
});
