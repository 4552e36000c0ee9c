/**
 * What results over seeds allow to say. Intervals and tests are those of Student's t for paired differences: two rows of an
 * experiment share data, first weights and batches of each seed.
 */
import jStat from 'jstat';

export interface Estimate {
  /** How many values. */
  n: number;
  mean: number;
  /** Sample standard deviation, null for one value. */
  deviation: number | null;
  /** Two-sided 95 % interval of the mean, null for one value. */
  interval: readonly [low: number, high: number] | null;
}

export type Verdict = 'better' | 'worse' | 'undecided';

/** One row against another, seed by seed; positive differences are in favour of the first. */
export interface Comparison extends Estimate {
  /** Seeds in which the first row was better. */
  wins: number;
  /** Two-sided p-value of no difference, null where it cannot be tested (one seed, or all differences the same). */
  p: number | null;
  /** The p-value corrected for so many comparisons at once (Holm), null where there is no p-value. */
  corrected: number | null;
  verdict: Verdict;
  /**
   * Seeds after which a difference of this mean and deviation would be decided, with the correction that it has among
   * these comparisons; null where it is decided, cannot be said, or would take more than `mostSeeds`.
   */
  seedsNeeded: number | null;
}

const confidence = 0.95;
const significance = 1 - confidence;
/** Where more seeds are needed, the difference is too small to matter for a small task. */
export const mostSeeds = 1000;

/** @returns null for no values */
export function estimateOf(values: readonly number[]): Estimate | null {
  const n = values.length;
  if (n === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { n, mean, deviation: null, interval: null };
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  const reach = halfWidth(deviation, n);
  return { n, mean, deviation, interval: [mean - reach, mean + reach] };
}

/** Half of the 95 % interval of a mean of n values. */
function halfWidth(deviation: number, n: number): number {
  return (jStat.studentt.inv(1 - significance / 2, n - 1) * deviation) / Math.sqrt(n);
}

/**
 * Compares rows with one other row, or the baselines beside them; the p-values are corrected together.
 * @param differences per row, one for each seed; none where there is nothing to compare
 */
export function comparisonsOf(differences: readonly (readonly number[])[]): (Comparison | null)[] {
  const estimates = differences.map(estimateOf);
  const ps = estimates.map((estimate) => (estimate ? pairedP(estimate) : null));
  const factors = holmFactors(ps);
  const corrected = holm(ps);
  return estimates.map((estimate, row) => {
    if (!estimate) return null;
    const own = corrected[row]!;
    const verdict = verdictOf(estimate, own);
    return {
      ...estimate,
      wins: differences[row]!.filter((difference) => difference > 0).length,
      p: ps[row]!,
      corrected: own,
      verdict,
      seedsNeeded: verdict === 'undecided' ? seedsNeeded(estimate, factors[row] ?? 1) : null,
    };
  });
}

function pairedP({ n, mean, deviation }: Estimate): number | null {
  if (!isSpread(mean, deviation)) return null;
  return pOf(mean, deviation, n);
}

function pOf(mean: number, deviation: number, n: number): number {
  return 2 * jStat.studentt.cdf(-Math.abs(mean) / (deviation / Math.sqrt(n)), n - 1);
}

/** Equal differences but for rounding are no estimate of a spread: they would make a t without end. */
function isSpread(mean: number, deviation: number | null): deviation is number {
  return deviation !== null && deviation > 1e-9 * Math.abs(mean);
}

function verdictOf({ mean }: Estimate, p: number | null): Verdict {
  if (p === null || p >= significance) return 'undecided';
  return mean > 0 ? 'better' : 'worse';
}

/** @param factor by which its p-value is raised among so many comparisons */
function seedsNeeded({ n, mean, deviation }: Estimate, factor: number): number | null {
  if (!isSpread(mean, deviation) || mean === 0) return null;
  const decides = (seeds: number) => factor * pOf(mean, deviation, seeds) < significance;
  // The p-value falls with every seed, so that the first number that decides is found by halving.
  let [low, high] = [Math.max(n + 1, 2), mostSeeds];
  if (low > high || !decides(high)) return null;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (decides(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * P-values corrected for many comparisons. S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian
 * Journal of Statistics 6, 1979. Those that are null are no comparisons and stay null.
 */
export function holm(ps: readonly (number | null)[]): (number | null)[] {
  const factors = holmFactors(ps);
  const corrected: (number | null)[] = ps.map(() => null);
  let highest = 0;
  for (const { p, place } of inOrder(ps)) {
    highest = Math.max(highest, Math.min(1, p * factors[place]!));
    corrected[place] = highest;
  }
  return corrected;
}

/** By how much each is raised before no later one may be below an earlier one: the number of those not below it. */
function holmFactors(ps: readonly (number | null)[]): (number | null)[] {
  const order = inOrder(ps);
  const factors: (number | null)[] = ps.map(() => null);
  order.forEach(({ place }, rank) => (factors[place] = order.length - rank));
  return factors;
}

/** The p-values from the smallest on, with their places. */
function inOrder(ps: readonly (number | null)[]): { p: number; place: number }[] {
  return ps.flatMap((p, place) => (p === null ? [] : [{ p, place }])).sort((a, b) => a.p - b.p);
}
