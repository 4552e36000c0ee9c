import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anchorAtEpoch,
  equalIntervalEpochs,
  intervalFor,
  nextAnchor,
  relativeHardness,
} from '../../../../src/distill/teachers/route/anchors';
import { classification } from '../../../../src/distill/tasks/classification';
import { oneStage, stages } from '../../../../src/distill/teachers/route/segments';

const classes = classification(2);
const distance = (...answers: Parameters<typeof classes.distance>) => classes.distance(...answers);

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

describe('legs', () => {
  const spans = fc.record({
    anchors: fc.integer({ min: 1, max: 20 }),
    steps: fc.integer({ min: 1, max: 500 }),
  });

  it('fill the whole run without gaps and end with the converged teacher', () => {
    fc.assert(
      fc.property(spans, ({ anchors, steps }) => {
        for (const legs of [stages(anchors, steps), oneStage(anchors, steps, 15, 15 / anchors)]) {
          expect(legs).toHaveLength(anchors);
          const walked = legs.filter((leg) => leg.steps > 0);
          let at = 0;
          for (const leg of walked) {
            expect(leg.from).toBe(at);
            at += leg.steps;
          }
          expect(at).toBe(steps);
        }
        expect(stages(anchors, steps).at(-1)!.steps).toBeGreaterThan(0);
      }),
    );
  });

  it('follow the public code where student and teacher train equally long', () => {
    const epochs = equalIntervalEpochs(23, 6).length;
    expect(oneStage(epochs, 23, 23, 6).map(({ from }) => from)).toEqual([0, 6, 12, 18]);
  });
});

describe('hardness', () => {
  it('is zero for equal answers and the mean KL divergence otherwise', () => {
    const teacher = Float32Array.of(2, 0, 0, 1);
    expect(distance(teacher, teacher, 1)).toBeCloseTo(0, 6);
    const even = new Float32Array(4);
    const kl = (a: number, b: number) => {
      const p = Math.exp(a) / (Math.exp(a) + Math.exp(b));
      return p * Math.log(2 * p) + (1 - p) * Math.log(2 * (1 - p));
    };
    expect(distance(teacher, even, 1)).toBeCloseTo((kl(2, 0) + kl(0, 1)) / 2, 5);
    expect(distance(teacher, even, 4)).toBeLessThan(distance(teacher, even, 1));
  });

  it('stays finite for a student that rules a class out', () => {
    expect(distance(Float32Array.of(5, 0), Float32Array.of(0, 500), 1)).toSatisfy(Number.isFinite);
  });
});
