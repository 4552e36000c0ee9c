/** Points of a plane with a class each. Rows take the classes in turn, so that all are equally frequent. */
import { RandomStream } from '../../random/streams';
import type { Split } from '../dataset';
import { splitOf } from './split-of';

export type PointsKind = 'blobs' | 'moons' | 'spirals';

interface PointsMaker {
  classes: number;
  /** Draws what all rows share, and returns the rule for one row: its two coordinates. */
  begin: (shared: RandomStream) => (label: number, stream: RandomStream) => readonly [x: number, y: number];
}

export const pointsMakers: Readonly<Record<PointsKind, PointsMaker>> = {
  /** A cloud of deviation 1 around a centre per class. */
  blobs: {
    classes: 5,
    begin(shared) {
      const centres = Array.from(
        { length: 5 },
        () => [2.5 * shared.normal(), 2.5 * shared.normal()] as const,
      );
      return (label, stream) => [centres[label]![0] + stream.normal(), centres[label]![1] + stream.normal()];
    },
  },
  /** Two half circles that reach into each other. */
  moons: {
    classes: 2,
    begin: () => (label, stream) => {
      const t = Math.PI * stream.uniform();
      const [x, y] = label === 0 ? [Math.cos(t), Math.sin(t)] : [1 - Math.cos(t), 0.5 - Math.sin(t)];
      return [x + 0.2 * stream.normal(), y + 0.2 * stream.normal()];
    },
  },
  /** Arms that wind around the origin. */
  spirals: {
    classes: 3,
    begin: () => (label, stream) => {
      const radius = stream.uniform();
      const angle = 4 * radius + (2 * Math.PI * label) / 3;
      const [x, y] = [radius * Math.cos(angle), radius * Math.sin(angle)];
      return [x + 0.05 * stream.normal(), y + 0.05 * stream.normal()];
    },
  },
};

/** @returns training and test rows: vectors [N,2], class numbers [N] */
export function drawPoints(kind: PointsKind, seed: number, train: number, test: number): [Split, Split] {
  const { classes, begin } = pointsMakers[kind];
  const stream = RandomStream.fork(seed, `generate/${kind}`);
  const point = begin(stream);
  const rowsFrom = (from: RandomStream, count: number) => {
    const values = new Float32Array(2 * count);
    const labels = Int32Array.from({ length: count }, (_, row) => row % classes);
    for (const [row, label] of labels.entries()) values.set(point(label, from), 2 * row);
    return splitOf(count, { values, shape: [2] }, { values: labels, shape: [] });
  };
  return [rowsFrom(stream, train), rowsFrom(RandomStream.fork(seed, `generate/${kind}-test`), test)];
}
