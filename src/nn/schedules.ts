/** Learning rates as pure functions of the step. */

export interface RateSchedule {
  /** Length of the run. */
  steps: number;
  /** Highest rate. */
  learningRate: number;
  /**
   * Half a cosine to zero; division by ten at 62.5, 75 and 87.5 % (epochs 150, 180, 210 of 240 in the benchmark);
   * (1 + 10 p)^-0.75 at a share p of the run, as in domain adaptation; or constant.
   */
  curve: 'cosine' | 'steps' | 'inverse' | 'constant';
  /** Fraction of the run, 0..1, over which the rate rises linearly. */
  warmupShare: number;
}

const milestones = [0.625, 0.75, 0.875];

/** Learning rate of step 0, 1, ..., steps - 1; later steps have the rate of the last. */
export function learningRateAt(step: number, schedule: RateSchedule): number {
  const { steps, learningRate, curve, warmupShare } = schedule;
  const at = Math.min(step, steps - 1);
  const warmup = Math.round(warmupShare * steps);
  if (at < warmup) return (learningRate * (at + 1)) / (warmup + 1);
  switch (curve) {
    case 'constant':
      return learningRate;
    case 'steps':
      return learningRate * 0.1 ** milestones.filter((share) => at >= share * steps).length;
    case 'inverse':
      return learningRate * (1 + (10 * at) / steps) ** -0.75;
    case 'cosine':
      return (learningRate * (1 + Math.cos((Math.PI * (at - warmup)) / (steps - warmup)))) / 2;
  }
}

/**
 * One-cycle rate (Smith and Topin 2019) with the defaults of PyTorch's OneCycleLR: up from 1/25 of the highest rate
 * along half a cosine over 30 % of the run, then down along half a cosine to 1/10,000 of the first.
 */
export function oneCycleRateAt(step: number, steps: number, highest: number): number {
  const lowest = highest / 25;
  const last = Math.max(steps - 1, 1);
  const at = Math.min(step, last);
  const peak = Math.max(0.3 * steps - 1, 0);
  const between = (from: number, to: number, share: number) =>
    to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
  if (at <= peak) return peak === 0 ? highest : between(lowest, highest, at / peak);
  return between(highest, lowest / 1e4, (at - peak) / (last - peak));
}
