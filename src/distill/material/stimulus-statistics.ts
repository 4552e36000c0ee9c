/** What a teacher's answers to stimuli say about how much they can teach. Plain numbers. */

export interface StimulusStatistics {
  /** [C] share of the stimuli that each class is the teacher's top one for */
  histogram: number[];
  /** exp of the histogram's entropy: how many classes occur, as if they occurred equally often. */
  effectiveClasses: number;
  /** Mean entropy of the answers, in nats. */
  meanEntropy: number;
  /** Mean probability of the top class. */
  meanTop: number;
  /** Mutual information of stimulus and class, in nats: entropy of the mean answer less the mean entropy. */
  information: number;
  /** [N] top class of each stimulus */
  top: Int32Array;
}

/**
 * @param logits [N*C] the teacher's, at temperature 1
 * @param classes C
 */
export function stimulusStatistics(logits: ArrayLike<number>, classes: number): StimulusStatistics {
  const count = logits.length / classes;
  const histogram = new Array<number>(classes).fill(0);
  const mean = new Array<number>(classes).fill(0);
  const top = new Int32Array(count);
  let [meanEntropy, meanTop] = [0, 0];
  for (let n = 0; n < count; n++) {
    const row = Array.from({ length: classes }, (_, c) => logits[n * classes + c]!);
    const highest = Math.max(...row);
    const powers = row.map((logit) => Math.exp(logit - highest));
    const sum = powers.reduce((total, power) => total + power, 0);
    const probabilities = powers.map((power) => power / sum);
    top[n] = row.indexOf(highest);
    histogram[top[n]!]! += 1 / count;
    probabilities.forEach((p, c) => (mean[c]! += p / count));
    meanEntropy += entropy(probabilities) / count;
    meanTop += 1 / sum / count;
  }
  const effectiveClasses = Math.exp(entropy(histogram));
  return { histogram, effectiveClasses, meanEntropy, meanTop, information: entropy(mean) - meanEntropy, top };
}

/**
 * [N] shares with which the stimuli are drawn so that every top class that occurs is drawn equally often; they add up
 * to 1.
 */
export function balancedShares(top: ArrayLike<number>): Float64Array {
  const counts = new Map<number, number>();
  for (const label of Array.from(top)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Float64Array.from(top, (label) => 1 / (counts.size * counts.get(label)!));
}

/** In nats. */
function entropy(shares: readonly number[]): number {
  return shares.reduce((sum, share) => (share > 0 ? sum - share * Math.log(share) : sum), 0);
}
