import { estimateOf } from '../../experiment/statistics';
import type { CellResult, ExperimentLine } from '../../experiment/table';

/** What a score is bought with. */
export interface CostAbout {
  id: string;
  /** With its unit. */
  title: string;
  of: (result: CellResult) => number | null;
}

export const costAbouts: readonly CostAbout[] = [
  { id: 'parameters', title: 'Parameters of the student', of: ({ size }) => size?.student ?? null },
  {
    id: 'bytes',
    title: 'Size of the student, bytes',
    of: ({ costs }) => costs?.student?.bytes ?? null,
  },
  {
    id: 'multiplyAdds',
    title: 'Multiply-adds an instance',
    of: ({ costs }) => costs?.student?.multiplyAdds ?? null,
  },
  { id: 'seconds', title: 'Training time, s', of: ({ seconds }) => seconds },
  {
    id: 'latency',
    title: 'Latency of one instance, ms',
    of: ({ latencies }) => latencies?.networks.student?.one ?? null,
  },
  {
    id: 'latencyBatch',
    title: 'Latency of a batch, ms',
    of: ({ latencies }) => latencies?.networks.student?.batch ?? null,
  },
  { id: 'stepMs', title: 'Time of a training step, ms', of: ({ stepMs }) => stepMs },
];

export interface CostPoint {
  entry: number;
  name: string;
  cost: number;
  score: number;
  interval: readonly [number, number] | null;
  /** No other row is both cheaper and better. */
  isOnFront: boolean;
}

/** A point for every row with a score and this cost: the mean over its runs. The cheapest first. */
export function costPoints(
  lines: readonly ExperimentLine[],
  results: readonly CellResult[],
  cost: CostAbout,
  lowerIsBetter: boolean,
): CostPoint[] {
  const points = lines.flatMap(({ name, student }, entry) => {
    const own = results.filter((result) => result.entry === entry && result.failure === null);
    const mean = estimateOf(own.map(cost.of).filter((value) => value !== null))?.mean;
    if (!student || mean === undefined) return [];
    return [{ entry, name, cost: mean, score: student.mean, interval: student.interval }];
  });
  const isBetter = (a: number, b: number) => (lowerIsBetter ? a < b : a > b);
  return points
    .map((point) => ({
      ...point,
      isOnFront: !points.some(
        (other) =>
          (other.cost <= point.cost && isBetter(other.score, point.score)) ||
          (other.cost < point.cost && other.score === point.score),
      ),
    }))
    .toSorted((a, b) => a.cost - b.cost || (isBetter(a.score, b.score) ? -1 : 1));
}
