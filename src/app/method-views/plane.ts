/** The figures of a plane: areas as coloured cells, points as paths, and what both say in words. */
import type { PlaneArea, PlaneView } from '../../distill/views';
import { listed, percent } from '../format';
import { cividis } from '../instruments/colour-map';

export type Rgb = readonly [number, number, number];

/** Opacity of a cell whose prediction is just above chance, and of a certain one. */
const [faint, strong] = [0.1, 0.55];

/**
 * Fills a picture of side x side pixels, the lowest row of the plane at its lower edge.
 * @param colours one per class or label
 */
export function paintArea(
  target: Pick<ImageData, 'data'>,
  { side, shows }: Pick<PlaneView, 'side' | 'shows'>,
  { cells, levels }: PlaneArea,
  colours: readonly Rgb[],
): void {
  for (let y = 0; y < side; y += 1)
    for (let x = 0; x < side; x += 1) {
      const cell = y * side + x;
      const at = ((side - 1 - y) * side + x) * 4;
      const level = levels[cell]!;
      const colour = shows === 'numbers' ? levelColour(level) : colours[cells[cell]! % colours.length]!;
      target.data.set(colour, at);
      target.data[at + 3] =
        shows === 'numbers' ? 200 : Math.round(255 * (faint + (strong - faint) * (level / 255)));
    }
}

export function levelColour(level: number): Rgb {
  return [cividis[level * 3]!, cividis[level * 3 + 1]!, cividis[level * 3 + 2]!];
}

/** Share of the plane per class or label, the largest first. */
export function areaShares(
  { cells }: PlaneArea,
  names: readonly string[],
): { name: string; share: number }[] {
  const counts = names.map(() => 0);
  for (const cell of cells) if (cell < counts.length) counts[cell]! += 1;
  return names
    .map((name, place) => ({ name, share: counts[place]! / cells.length }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share);
}

/** Share of the plane on which two networks have the same top prediction, 0..1. */
export function agreement(a: PlaneArea, b: PlaneArea): number {
  let same = 0;
  for (const [cell, top] of a.cells.entries()) if (top === b.cells[cell]) same += 1;
  return same / a.cells.length;
}

/** For those who do not see the picture. */
export function areaText({ shows }: PlaneView, area: PlaneArea, names: readonly string[]): string {
  if (shows === 'numbers') return 'predicted number over the plane, low values dark, high values light';
  const shares = areaShares(area, names).slice(0, 6);
  return `share of the plane: ${listed(shares.map(({ name, share }) => `${name} ${percent(share, 0)}`))}`;
}

/** A shape each, beside the colour: drawn around (x, y). */
const shapes: readonly ((x: number, y: number) => string)[] = [
  (x, y) => `M${x - 3} ${y}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z`,
  (x, y) => `M${x - 2.7} ${y - 2.7}h5.4v5.4h-5.4z`,
  (x, y) => `M${x} ${y - 3.5}l3.3 5.8h-6.6z`,
  (x, y) => `M${x} ${y - 3.8}l3.8 3.8l-3.8 3.8l-3.8 -3.8z`,
  (x, y) => `M${x} ${y + 3.5}l3.3 -5.8h-6.6z`,
  (x, y) => `M${x - 1.2} ${y - 3.6}h2.4v2.4h2.4v2.4h-2.4v2.4h-2.4v-2.4h-2.4v-2.4h2.4z`,
];

/** The second round of colours gets other shapes than the first, so that twelve classes differ in one of both. */
export function shapeAt(group: number, x: number, y: number): string {
  const place = Math.max(0, group);
  const shape = shapes[(place + Math.floor(place / shapes.length)) % shapes.length]!;
  return shape(Number(x.toFixed(1)), Number(y.toFixed(1)));
}

export interface PointPath {
  /** Class or label; for numbers a sixteenth of their range. */
  group: number;
  labelled: boolean;
  d: string;
}

/** Number of colours of points that show numbers. */
export const numberGroups = 16;

/** One path per group, filled ones apart from hollow ones; `size` is the side of the figure in pixels. */
export function pointPaths({ points, ranges, shows, numbers }: PlaneView, size: number): PointPath[] {
  const paths = new Map<string, PointPath>();
  const place = (i: number, column: 0 | 1) => {
    const { low, high } = ranges[column]!;
    return ((points.at[2 * i + column]! - low) / (high - low)) * size;
  };
  for (const [i, target] of points.target.entries()) {
    const labelled = points.labelled[i] === 1;
    const group = shows === 'numbers' ? numberGroup(target, numbers!) : target;
    const key = `${group} ${labelled}`;
    const path = paths.get(key) ?? { group, labelled, d: '' };
    path.d += shapeAt(shows === 'numbers' ? 0 : group, place(i, 0), size - place(i, 1));
    paths.set(key, path);
  }
  // Those with a label lie on top.
  return [...paths.values()].sort((a, b) => Number(a.labelled) - Number(b.labelled) || a.group - b.group);
}

/** Arrows as one path: a line with two barbs each. `size` is the side of the figure in pixels. */
export function arrowPath({ arrows, ranges }: Pick<PlaneView, 'arrows' | 'ranges'>, size: number): string {
  if (!arrows) return '';
  const place = (value: number, column: 0 | 1) => {
    const { low, high } = ranges[column]!;
    const along = ((value - low) / (high - low)) * size;
    return column === 0 ? along : size - along;
  };
  const round = (value: number) => Number(value.toFixed(1));
  const point = (x: number, y: number) => `${round(x)} ${round(y)}`;
  let path = '';
  for (let at = 0; at < arrows.length; at += 4) {
    const [fromX, fromY] = [place(arrows[at]!, 0), place(arrows[at + 1]!, 1)];
    const [x, y] = [place(arrows[at + 2]!, 0), place(arrows[at + 3]!, 1)];
    const angle = Math.atan2(y - fromY, x - fromX);
    const barb = (turn: number) => point(x - 5 * Math.cos(angle + turn), y - 5 * Math.sin(angle + turn));
    path += `M${point(fromX, fromY)}L${point(x, y)}M${barb(0.5)}L${point(x, y)}L${barb(-0.5)}`;
  }
  return path;
}

function numberGroup(value: number, { low, high }: { low: number; high: number }): number {
  const share = (value - low) / (high - low || 1);
  return Math.min(numberGroups - 1, Math.max(0, Math.floor(share * numberGroups)));
}
