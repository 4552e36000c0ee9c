import costs from '../../distill/methods/costs.json';

/** Seconds of a step of a method, in those of a step without a teacher; undefined where it was not measured. */
export function costRatio(method: string): number | undefined {
  return (costs.ratios as Record<string, number>)[method];
}

/** What a step of a method costs beside a step without a teacher, in words; null where it was not measured. */
export function costLine(method: string): string | null {
  const ratio = costRatio(method);
  if (ratio === undefined) return null;
  const times = ratio < 1.05 ? 'about as long as' : `${ratio.toFixed(1)} times as long as`;
  return `A step takes ${times} one without a teacher (measured: ${costs.device}).`;
}
