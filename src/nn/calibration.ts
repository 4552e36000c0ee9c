/** Whether a network is as often right as it is confident. */

/** Bins of equal width over confidences from 0 to 1, as in most published expected calibration errors. */
export const calibrationBins = 15;

/** Predictions by confidence: bin b holds those above b/B and up to (b+1)/B; the first one also holds 0. */
export interface ReliabilityBins {
  /** [B] */
  counts: number[];
  /** [B] mean confidence, 0..1; 0 in an empty bin */
  confidence: number[];
  /** [B] share of the predictions that are right, 0..1; 0 in an empty bin */
  accuracy: number[];
}

/**
 * Sorts predictions into bins of equal width.
 * @param confidence [N] 0..1
 * @param right [N] 1 where the prediction is right, else 0
 */
export function reliabilityOf(
  confidence: ArrayLike<number>,
  right: ArrayLike<number>,
  bins = calibrationBins,
): ReliabilityBins {
  const [counts, sums, hits] = [0, 1, 2].map(() => new Array<number>(bins).fill(0)) as [
    number[],
    number[],
    number[],
  ];
  for (let row = 0; row < confidence.length; row++) {
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence[row]! * bins) - 1));
    counts[bin]! += 1;
    sums[bin]! += confidence[row]!;
    hits[bin]! += right[row]!;
  }
  const mean = (sum: number, bin: number) => (counts[bin] === 0 ? 0 : sum / counts[bin]!);
  return { counts, confidence: sums.map(mean), accuracy: hits.map(mean) };
}

/**
 * Expected calibration error: mean over the predictions of |accuracy - confidence| of their bin (Naeini et al. 2015; Guo
 * et al. 2017). 0..1, 0 of no predictions.
 */
export function calibrationError({ counts, confidence, accuracy }: ReliabilityBins): number {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all === 0) return 0;
  return counts.reduce((sum, count, b) => sum + (count / all) * Math.abs(accuracy[b]! - confidence[b]!), 0);
}
