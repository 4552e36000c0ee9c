/** Which generated pictures are kept, in plain numbers. Source: UBCDingXin/cGAN-KD, `fn_enhancedSampler_given_label` and `fn_filter_or_adjust`. */

/**
 * Rejection sampling: keeps a picture where u <= ratio / M. M is the highest ratio seen so far; what was kept under a
 * lower one stays kept.
 * @param highest M before this round
 * @param ratios [N] of this round's pictures @param uniform [N] in [0,1)
 */
export function accept(
  highest: number,
  ratios: ArrayLike<number>,
  uniform: ArrayLike<number>,
): { highest: number; accepted: Uint8Array } {
  const most = Math.max(highest, ...Array.from(ratios));
  return {
    highest: most,
    accepted: Uint8Array.from(ratios, (ratio, i) => Number(uniform[i]! <= ratio / most)),
  };
}

/** The value below which a share of the numbers lies, between two of them by linear interpolation; NaN of none. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const [low, high] = [sorted[below] ?? NaN, sorted[Math.min(below + 1, sorted.length - 1)] ?? NaN];
  return low + (high - low) * (place - below);
}

/** 1 for each number strictly below the cut. */
export function below(values: ArrayLike<number>, cut: number): Uint8Array {
  return Uint8Array.from(values, (value) => Number(value < cut));
}

/** Cross-entropy with a class, per row, and the top class. @param logits [N*C] @param labels [N] */
export function judged(
  logits: ArrayLike<number>,
  classes: number,
  labels: ArrayLike<number>,
): { losses: Float64Array; top: Int32Array } {
  const count = logits.length / classes;
  const [losses, top] = [new Float64Array(count), new Int32Array(count)];
  for (let n = 0; n < count; n++) {
    const row = Array.from({ length: classes }, (_, c) => logits[n * classes + c]!);
    const highest = Math.max(...row);
    top[n] = row.indexOf(highest);
    losses[n] = highest + Math.log(row.reduce((sum, z) => sum + Math.exp(z - highest), 0)) - row[labels[n]!]!;
  }
  return { losses, top };
}

/** Absolute errors, the mean over the numbers of a row. @param answers [N*T] @param wanted [N*T] */
export function absoluteErrors(
  answers: ArrayLike<number>,
  wanted: ArrayLike<number>,
  width: number,
): Float64Array {
  const errors = new Float64Array(answers.length / width);
  for (let i = 0; i < answers.length; i++)
    errors[Math.floor(i / width)]! += Math.abs(answers[i]! - wanted[i]!) / width;
  return errors;
}
