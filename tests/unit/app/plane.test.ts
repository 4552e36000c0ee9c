import { expect, test } from 'vitest';
import {
  agreement,
  areaShares,
  areaText,
  arrowPath,
  paintArea,
  pointPaths,
} from '../../../src/app/method-views/plane';
import type { PlaneArea, PlaneView } from '../../../src/distill/views';

const view: PlaneView = {
  view: 'plane',
  title: 'Decision areas',
  columns: ['x', 'y'],
  ranges: [
    { low: 0, high: 10 },
    { low: 0, high: 100 },
  ],
  side: 2,
  shows: 'classes',
  areas: [],
  points: {
    at: Float32Array.of(5, 100, 0, 0, 10, 50),
    target: Float32Array.of(0, 1, 0),
    labelled: Uint8Array.of(1, 0, 1),
  },
};
const area = (cells: number[], levels = [255, 0, 255, 255]): PlaneArea => ({
  who: 'student',
  cells: Uint16Array.from(cells),
  levels: Uint8Array.from(levels),
});

test('the lowest row of the plane is the lowest line of its picture, stronger where the network is sure', () => {
  const data = new Uint8ClampedArray(16);
  paintArea({ data }, view, area([0, 0, 1, 1]), [
    [10, 20, 30],
    [40, 50, 60],
  ]);
  expect([...data.slice(0, 3)]).toEqual([40, 50, 60]);
  expect([...data.slice(8, 11)]).toEqual([10, 20, 30]);
  expect(data[11]).toBeGreaterThan(data[15]!);
});

test('points are one path per class, those without a label apart and below', () => {
  const paths = pointPaths(view, 200);
  expect(paths.map(({ group, labelled }) => [group, labelled])).toEqual([
    [1, false],
    [0, true],
  ]);
  // (5, 100) is in the middle of the upper edge, (10, 50) on the right edge at half height.
  expect(paths[1]!.d).toMatch(/^M97 0a.*M197 100a/);
  expect(paths[0]!.d).toMatch(/^M-2\.7 197\.3h/);
});

test('an area is described in words, and two areas are compared', () => {
  const [mine, other] = [area([0, 1, 1, 1]), area([0, 0, 1, 1])];
  expect(areaShares(mine, ['in', 'out'])).toEqual([
    { name: 'out', share: 0.75 },
    { name: 'in', share: 0.25 },
  ]);
  expect(areaText(view, mine, ['in', 'out'])).toMatch(/^share of the plane: out 75.% and in 25/);
  expect(agreement(mine, other)).toBe(0.75);
});

test('an arrow leads from where a row was to where it is', () => {
  // From the middle of the upper edge to that of the lower one.
  expect(arrowPath({ ...view, arrows: Float32Array.of(5, 100, 5, 0) }, 200)).toMatch(/^M100 0L100 200M/);
  expect(arrowPath(view, 200)).toBe('');
});
