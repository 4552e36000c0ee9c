/** Reference numbers are SciPy's (`stats.t.ppf`, `stats.ttest_1samp`). */
import { describe, expect, it } from 'vitest';
import { comparisonsOf, estimateOf, holm } from '../../../src/experiment/statistics';

const clear = [0.02, 0.035, 0.01, 0.05, 0.028];
const vague = [0.01, -0.02, 0.03];
const harmful = [-0.01, -0.012, -0.02, -0.015];

describe('an estimate', () => {
  it('has the interval of Student’s t', () => {
    const { n, mean, deviation, interval } = estimateOf(clear)!;
    expect(n).toBe(5);
    expect(mean).toBeCloseTo(0.0286, 12);
    expect(deviation).toBeCloseTo(0.015159155649, 11);
    expect(interval![0]).toBeCloseTo(0.009777422187, 9);
    expect(interval![1]).toBeCloseTo(0.047422577813, 9);
  });

  it('says nothing about the spread of one value, and nothing at all of none', () => {
    expect(estimateOf([3])).toEqual({ n: 1, mean: 3, deviation: null, interval: null });
    expect(estimateOf([])).toBeNull();
  });
});

describe('comparisons', () => {
  it('are decided by p-values that are corrected together', () => {
    const [a, b, c] = comparisonsOf([clear, vague, harmful]);
    expect([a!.p, b!.p, c!.p].map((p) => Number(p!.toPrecision(5)))).toEqual([0.013492, 0.69139, 0.0072267]);
    expect(c!.corrected).toBeCloseTo(3 * 0.0072266829, 8);
    expect(a!.corrected).toBeCloseTo(2 * 0.0134919218, 8);
    expect([a!.verdict, b!.verdict, c!.verdict]).toEqual(['better', 'undecided', 'worse']);
    expect([a!.wins, b!.wins, c!.wins]).toEqual([5, 2, 0]);
  });

  it('that are undecided say how many seeds it would take', () => {
    const [, b] = comparisonsOf([clear, vague]);
    expect(b!.seedsNeeded).toBe(58);
    const [alone] = comparisonsOf([clear]);
    expect(alone!.seedsNeeded).toBeNull();
  });

  it('need a spread', () => {
    const [one, equal, none] = comparisonsOf([[0.5], [0.1, 0.1, 0.1], []]);
    expect(one).toMatchObject({ p: null, verdict: 'undecided', seedsNeeded: null });
    expect(equal).toMatchObject({ p: null, verdict: 'undecided', wins: 3 });
    expect(none).toBeNull();
  });

  it('are undecided where only the correction says so', () => {
    const [first] = comparisonsOf([clear, ...Array.from({ length: 9 }, () => vague)]);
    expect(first!.p).toBeLessThan(0.05);
    expect(first!.verdict).toBe('undecided');
    // Ten times the p-value is 0.057 for six seeds and 0.025 for seven.
    expect(first!.seedsNeeded).toBe(7);
  });
});

it('Holm’s correction never orders p-values anew', () => {
  expect(holm([0.01, 0.04, 0.03, null])).toEqual([0.03, 0.06, 0.06, null]);
  expect(holm([0.9, 0.8])).toEqual([1, 1]);
});
