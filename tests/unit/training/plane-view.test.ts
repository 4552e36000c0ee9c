import { beforeAll, expect, test } from 'vitest';
import { onlyView, type Dataset, type Split, type TargetSpec } from '../../../src/data/dataset';
import type { PlaneView } from '../../../src/distill/views';
import { entriesOf } from '../../../src/storage/event-log';
import { pack, unpack } from '../../../src/storage/pack';
import { soundEntries } from '../../../src/storage/run-contents';
import { RandomStream } from '../../../src/random/streams';
import { useWasm } from '../../support/wasm-in-node';
import { ofType, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

type Kind = 'class' | 'number' | 'labels';
const targets: Record<Kind, TargetSpec> = {
  class: { kind: 'class', names: ['left', 'right'] },
  number: { kind: 'number', names: ['height'], units: ['m'] },
  labels: { kind: 'labels', names: ['left', 'right'] },
};

/** Two columns in file units; the target is the side on which a row lies, or its first column. */
function split(count: number, kind: Kind, random: RandomStream): Split {
  const values = Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 ? 100 : 1) * random.normal());
  const firsts = Array.from({ length: count }, (_, row) => values[2 * row]!);
  const columns = {
    class: { values: Int32Array.from(firsts, (first) => Number(first > 0)), shape: [] },
    number: { values: Float32Array.from(firsts), shape: [1] },
    labels: {
      values: Uint8Array.from(firsts.flatMap((first) => [Number(first <= 0), Number(first > 0)])),
      shape: [2],
    },
  };
  return {
    count,
    inputs: { [onlyView]: { values, shape: [2] } },
    targets: columns[kind],
    known: new Uint8Array(count).fill(1),
  };
}

function table(kind: Kind, names = ['across', 'up']): Dataset {
  const random = RandomStream.fork(5, 'plane-test');
  return {
    id: 'upload',
    title: 'Sides',
    task: ({ class: 'classification', number: 'regression', labels: 'multilabel' } as const)[kind],
    inputs: { [onlyView]: { kind: 'vector', names } },
    target: targets[kind],
    train: split(200, kind, random),
    test: split(60, kind, random),
  };
}

const recipe = (hint: string) =>
  tinyRecipe({
    hints: [{ id: hint }],
    teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-16', epochs: 20, batch: 20 } },
    student: { network: 'mlp-8' },
    schedule: { steps: 40, batch: 20, evaluateEvery: 20, learningRate: 0.02 },
  });

const planesOf = async (dataset: Dataset, hint: string) => {
  const { run, events } = await train(recipe(hint), dataset);
  run.dispose();
  const planes = ofType(events, 'views').flatMap(({ views }) =>
    views.filter((view): view is PlaneView => view.view === 'plane'),
  );
  return { planes, events };
};

test('a table of two columns shows the areas of each network at every evaluation', async () => {
  const dataset = table('class');
  const { planes, events } = await planesOf(dataset, 'kd');
  expect(planes).toHaveLength(ofType(events, 'evaluation').filter(({ phase }) => phase === 'student').length);
  const last = planes.at(-1)!;
  expect(last.areas.map(({ who }) => who).sort()).toEqual(['control', 'student', 'teacher']);
  // A trained network answers for the side on which the middle of a cell lies.
  const [{ low, high }] = last.ranges as [PlaneView['ranges'][number]];
  const { cells } = last.areas.find(({ who }) => who === 'teacher')!;
  const right = Array.from(cells).filter((cell, at) => {
    const x = low + (((at % last.side) + 0.5) / last.side) * (high - low);
    return cell === Number(x > 0);
  });
  expect(right.length / cells.length).toBeGreaterThan(0.9);
  // A frozen teacher is computed once.
  expect(planes.map(({ areas }) => areas.find(({ who }) => who === 'teacher'))).toEqual(
    planes.map(() => last.areas.find(({ who }) => who === 'teacher')),
  );
  expect(last.points.target).toHaveLength(200);
  expect(last.columns).toEqual(['across', 'up']);

  const entries = entriesOf(events);
  expect(soundEntries(unpack(pack(entries)))).toEqual(entries);
});

test('numbers are shown as levels between the lowest and the highest', async () => {
  const { planes } = await planesOf(table('number'), 'sp');
  const { numbers, areas, side, shows } = planes.at(-1)!;
  expect(shows).toBe('numbers');
  expect(numbers!.low).toBeLessThan(0);
  const { levels } = areas.find(({ who }) => who === 'teacher')!;
  const middle = (side / 2) * side;
  expect(levels[middle]).toBeLessThan(levels[middle + side - 1]!);
});

test('a loss that moves rows shows where to, as arrows in units of the file', async () => {
  const { planes, events } = await planesOf(table('class'), 'bss');
  const arrows = planes.at(-1)!.arrows!;
  expect(arrows.length).toBeGreaterThan(4 * 20);
  // The teacher divides the plane by the first column, so rows go towards its middle or across it.
  const rows = Array.from({ length: arrows.length / 4 }, (_, at) => arrows.subarray(4 * at, 4 * at + 4));
  const towards = rows.filter(([from, , to]) => from! * (to! - from!) < 0).length;
  expect(towards / rows.length).toBeGreaterThan(0.9);
  const entries = entriesOf(events);
  expect(soundEntries(unpack(pack(entries)))).toEqual(entries);
});

test('a damaged plane is no part of a log', async () => {
  const { planes, events } = await planesOf(table('labels'), 'sp');
  const entry = entriesOf(events).find(({ type }) => type === 'views')!;
  expect(soundEntries([entry])).toHaveLength(1);
  const area = { ...planes[0]!.areas[0]!, cells: new Uint16Array(3) };
  expect(soundEntries([{ ...entry, views: [{ ...planes[0]!, areas: [area] }] }])).toEqual([]);
});
