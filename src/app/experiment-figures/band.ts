import { estimateOf } from '../../experiment/statistics';

/** One run's numbers over its steps; NaN where there is none. */
export interface Series {
  steps: ArrayLike<number>;
  values: ArrayLike<number>;
}

export interface BandPoint {
  step: number;
  mean: number;
  /** Ends of the 95 % interval of the mean; null for one run. */
  low: number | null;
  high: number | null;
  n: number;
}

/** Beyond that a curve has more points than pixels. */
const mostPoints = 300;

/** Mean of several runs at every step that all of them have, with its 95 % interval over the runs. */
export function bandOf(series: readonly Series[]): BandPoint[] {
  const [first, ...others] = series.map(({ steps, values }) => {
    const at = new Map<number, number>();
    for (let place = 0; place < steps.length; place++) {
      const value = values[place];
      if (value !== undefined && Number.isFinite(value)) at.set(steps[place]!, value);
    }
    return at;
  });
  if (!first) return [];
  const shared = [...first.keys()].filter((step) => others.every((other) => other.has(step)));
  const stride = Math.ceil(shared.length / mostPoints);
  return shared
    .filter((_, place) => place % stride === 0 || place === shared.length - 1)
    .map((step) => {
      const { n, mean, interval } = estimateOf([first, ...others].map((one) => one.get(step)!))!;
      return { step, mean, low: interval?.[0] ?? null, high: interval?.[1] ?? null, n };
    });
}
