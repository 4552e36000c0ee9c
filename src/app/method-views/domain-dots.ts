import type { DomainsView } from '../../distill/views';

export interface Dot {
  /** Of the tracked samples. */
  row: number;
  isTarget: boolean;
  /** True class, -1 where there is none. */
  label: number;
  x: number;
  y: number;
}

const margin = 12;

/** Places of the samples in a square of `side` units, y downwards. */
export function placeDots({ points, target, labels }: DomainsView, side: number): Dot[] {
  const [across, upwards] = [0, 1].map((axis) =>
    scaleOf(
      points.filter((_, i) => i % 2 === axis),
      side,
    ),
  );
  return Array.from(target, (isTarget, row) => ({
    row,
    isTarget: isTarget === 1,
    label: labels[row]!,
    x: across!(points[2 * row]!),
    y: side - upwards!(points[2 * row + 1]!),
  }));
}

/** From the least to the greatest of the numbers, within the margins. */
function scaleOf(numbers: Float32Array, side: number): (value: number) => number {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const inner = side - 2 * margin;
  return (value) => (high > low ? margin + (inner * (value - low)) / (high - low) : side / 2);
}

/** The dot that is nearest to a place, or null where none is within `reach`. */
export function nearestDot(dots: readonly Dot[], x: number, y: number, reach: number): Dot | null {
  let [best, least]: [Dot | null, number] = [null, reach];
  for (const dot of dots) {
    const distance = Math.hypot(dot.x - x, dot.y - y);
    if (distance <= least) [best, least] = [dot, distance];
  }
  return best;
}

/**
 * Where an arrow key leads: the next dot in that direction along its axis, so that repeated presses reach each dot. The
 * first one where none is chosen; null for other keys and at the edge.
 */
export function neighbourDot(dots: readonly Dot[], selected: number | null, key: string): Dot | null {
  const direction = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[key];
  if (direction === undefined) return null;
  const axis = key === 'ArrowLeft' || key === 'ArrowRight' ? 'x' : 'y';
  const sorted = [...dots].sort((a, b) => a[axis] - b[axis] || a.row - b.row);
  const place = sorted.findIndex(({ row }) => row === selected);
  return place < 0 ? (sorted[0] ?? null) : (sorted[place + direction] ?? null);
}
