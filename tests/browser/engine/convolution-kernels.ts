/**
 * Each kernel of a convolution in many tiles, blocks and divisions of the work, whichever the engine would choose, against
 * the cpu backend of TensorFlow.js: odd sides, one-sided padding, strides that leave pixels over, batches and channels that
 * no tile divides.
 */
import { beforeAll, describe, test } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { convFilterGradientByThreads, type FilterPlan } from '../../../src/engine/kernels/conv-filter';
import { convForwardByThreads } from '../../../src/engine/kernels/conv-forward';
import type { ConvInfo } from '../../../src/engine/kernels/conv-info';
import { convInputGradientByThreads } from '../../../src/engine/kernels/conv-input-gradient';
import * as workgroups from '../../../src/engine/kernels/conv-workgroups';
import type { Tile } from '../../../src/engine/kernels/conv-tile';
import { tf, type Tensor } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import type { RawKernel, RetortBackend } from '../../../src/engine/webgpu-backend';
import { RandomStream } from '../../../src/random/streams';
import { onWebgpu } from '../on-webgpu';
import { oneOfEach } from '../../support/one-of-each';
import { expectSame } from './table-case';

interface ConvCase {
  /** [B,H,W,in] */
  x: [number, number, number, number];
  /** [k,k,in,out] */
  filter: [number, number, number, number];
  stride: number;
  pad: number | 'same' | tf.backend_util.ExplicitPadding;
}

const conv = (
  x: ConvCase['x'],
  kernel: number,
  out: number,
  stride = 1,
  pad: ConvCase['pad'] = (kernel - 1) / 2,
) => ({ x, filter: [kernel, kernel, x[3], out], stride, pad }) satisfies ConvCase;
/** More on the right and below than on the left and above, and the other way round. */
const oneSided: ConvCase['pad'][] = [
  [
    [0, 0],
    [0, 2],
    [0, 1],
    [0, 0],
  ],
  [
    [0, 0],
    [2, 0],
    [1, 0],
    [0, 0],
  ],
];

export function infoOf({ x, filter, stride, pad }: ConvCase): ConvInfo {
  return tf.backend_util.computeConv2DInfo(x, filter, stride, 1, pad);
}

type Part = 'x' | 'filter' | 'dy' | 'y' | 'dx' | 'dfilter';

/** Numbers of the three given tensors, and of the three that are wanted, from the cpu backend. */
export function numbersOf(one: ConvCase): Record<Part, Float32Array> {
  const random = RandomStream.fork(1, 'values');
  const draw = (shape: number[]) =>
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal());
  const info = infoOf(one);
  const given = { x: draw(one.x), filter: draw(one.filter), dy: draw(info.outShape) };
  return tf.tidy(() => {
    const x = tf.tensor4d(given.x, one.x);
    const filter = tf.tensor4d(given.filter, one.filter);
    const dy = tf.tensor4d(given.dy, info.outShape);
    const run = (kernel: string, inputs: tf.NamedTensorMap, shape: object) => {
      const attributes = { strides: one.stride, pad: one.pad, dataFormat: 'NHWC', ...shape };
      return tf.engine().runKernel(kernel, inputs, attributes as unknown as tf.NamedAttrMap) as Tensor;
    };
    return {
      ...given,
      y: tf.conv2d(x, filter, one.stride, one.pad).dataSync<'float32'>(),
      dx: run('Conv2DBackpropInput', { dy, filter }, { inputShape: one.x }).dataSync<'float32'>(),
      dfilter: run('Conv2DBackpropFilter', { x, dy }, { filterShape: one.filter }).dataSync<'float32'>(),
    };
  });
}

/** Each tile with the convolutions that it is tried on. */
const tile = (pixels: number, images: number, groups: number, width: Tile['width']): Tile => ({
  pixels,
  images,
  groups,
  width,
});
const forward: [ConvCase, Tile[]][] = [
  [
    conv([4, 5, 7, 6], 3, 8),
    [tile(1, 1, 1, 2), tile(3, 2, 2, 1), tile(7, 4, 1, 2), tile(4, 4, 1, 1), tile(4, 1, 2, 2)],
  ],
  [conv([2, 9, 8, 3], 3, 5, 2), [tile(1, 1, 1, 1), tile(3, 2, 1, 1), tile(4, 1, 5, 1)]],
  [conv([2, 7, 6, 4], 3, 12, 2, 'same'), [tile(2, 1, 3, 4), tile(3, 2, 1, 1)]],
  [conv([3, 5, 9, 4], 1, 16, 2), [tile(2, 3, 2, 4), tile(5, 1, 1, 4)]],
  [conv([2, 6, 5, 2], 5, 4, 3, 2), [tile(1, 2, 1, 2), tile(2, 1, 1, 1)]],
  ...oneSided.map((pad): [ConvCase, Tile[]] => [
    conv([2, 5, 6, 4], 3, 8, 1, pad),
    [tile(5, 1, 2, 4), tile(2, 2, 1, 1), tile(3, 1, 1, 2)],
  ]),
];
const backward: [ConvCase, Tile[]][] = [
  [
    conv([4, 5, 7, 8], 3, 6),
    [tile(1, 1, 1, 2), tile(3, 2, 2, 1), tile(7, 4, 1, 2), tile(4, 4, 1, 1), tile(4, 1, 2, 2)],
  ],
  [conv([2, 9, 8, 5], 3, 3, 2), [tile(2, 1, 1, 1), tile(4, 2, 1, 1), tile(8, 1, 5, 1)]],
  [conv([2, 7, 6, 12], 3, 4, 2, 'same'), [tile(2, 1, 3, 4), tile(6, 2, 1, 1)]],
  [conv([3, 5, 9, 16], 1, 4, 2), [tile(2, 3, 2, 4), tile(10, 1, 1, 4)]],
  [conv([2, 6, 5, 4], 5, 2, 3, 2), [tile(3, 2, 1, 2), tile(6, 1, 1, 1)]],
  ...oneSided.map((pad): [ConvCase, Tile[]] => [
    conv([2, 5, 6, 8], 3, 4, 1, pad),
    [tile(6, 1, 2, 4), tile(2, 2, 1, 1), tile(4, 1, 1, 2)],
  ]),
];
const partials = (count: number, groups = 1): FilterPlan => ({ groups, by: 'partials', partials: count });
const together: FilterPlan = { groups: 1, by: 'workgroup', partials: 1 };
const filters: [ConvCase, FilterPlan[]][] = [
  [conv([4, 5, 11, 6], 3, 16), [partials(1), partials(3), partials(7, 2), together]],
  [conv([2, 9, 11, 3], 3, 10, 2), [partials(1), partials(4), together]],
  [conv([2, 7, 17, 4], 3, 8, 2, 'same'), [partials(3), partials(2, 2), together]],
  [conv([3, 5, 9, 8], 1, 4, 2), [partials(2), together]],
  [conv([2, 6, 28, 2], 5, 4, 3, 2), [partials(2), together]],
  // More rows than a workgroup has members, on either adapter.
  [conv([40, 7, 3, 4], 3, 4), [together]],
  ...oneSided.map((pad): [ConvCase, FilterPlan[]] => [
    conv([2, 5, 11, 4], 3, 8, 1, pad),
    [partials(2), partials(3, 2)],
  ]),
];
const [large, small]: workgroups.Block[] = [
  { rows: 8, vectors: 2 },
  // As few workgroups along a dimension as make the rows go on in the next one.
  { rows: 4, vectors: 1, most: 2 },
];
/** Rows, columns and depths that blocks and slices divide, and such as they leave over. */
export const wide: ConvCase[] = [
  conv([1, 8, 8, 64], 1, 64),
  conv([3, 5, 7, 72], 3, 68),
  conv([2, 9, 8, 20], 3, 132, 2),
  conv([2, 7, 6, 36], 3, 40, 2, 'same'),
  conv([3, 6, 5, 12], 1, 44, 2),
  ...oneSided.map((pad) => conv([2, 5, 6, 24], 3, 36, 1, pad)),
];

/** Numbers that are given and wanted, of each convolution. */
const wanted = new Map<ConvCase, Record<Part, Float32Array>>();

/** Computes them on the cpu backend before the tests, which then run on WebGPU. */
function computeWanted(all: readonly ConvCase[]): void {
  beforeAll(async () => {
    await chooseBackend('cpu');
    for (const one of all) if (!wanted.has(one)) wanted.set(one, numbersOf(one));
  });
  onWebgpu({ allOps: false });
}

/** What a kernel makes of the first two must be the third, if need be summed over so many shares. */
async function expectKernel(
  one: ConvCase,
  { kernel, count = 1 }: { kernel: RawKernel; count?: number },
  [first, second, result]: readonly [Part, Part, Part],
): Promise<void> {
  const info = infoOf(one);
  const shapes = {
    x: one.x,
    filter: one.filter,
    dy: info.outShape,
    y: info.outShape,
    dx: one.x,
    dfilter: one.filter,
  };
  const numbers = wanted.get(one)!;
  const found = await withValidation(async () => {
    const backend = tf.backend() as RetortBackend;
    const given = [first, second].map((part) => tf.tensor(numbers[part], shapes[part]));
    // A buffer that another test has used may hold the right numbers already, and hide that some are not written.
    const written = tf.fill([count, ...shapes[result]], Number.NaN);
    const tensors = given.map((tensor) => ({ tensor, access: 'read' as const }));
    backend.runRaw(kernel, [...tensors, { tensor: written, access: 'read_write' }], []);
    const read = await written.data<'float32'>();
    tf.dispose([...given, written]);
    const size = read.length / count;
    return read.slice(0, size).map((_, i) => {
      let sum = 0;
      for (let chunk = 0; chunk < count; chunk++) sum += read[chunk * size + i]!;
      return sum;
    });
  });
  expectSame([found], [numbers[result]]);
}

type Way = Tile | FilterPlan | workgroups.Block;
interface Trial<W extends Way> {
  one: ConvCase;
  way: W;
}

const named = ({ one: { x, filter, stride, pad } }: Trial<Way>) =>
  `${filter[0]}x${filter[1]}/${stride} of [${x.join()}] to ${filter[3]}, padding ${JSON.stringify(pad)}`;
const each = <W extends Way>(trials: Trial<W>[]) =>
  trials.map((trial) => [named(trial), JSON.stringify(trial.way), trial] as const);
const trialsOf = <W extends Way>(cases: [ConvCase, W[]][]) =>
  cases.flatMap(([one, ways]) => ways.map((way): Trial<W> => ({ one, way })));

/** Sides, strides and paddings, and each number that says how the work is divided. */
function traitsOf({ one: { filter, stride, pad }, way }: Trial<Way>): string[] {
  const padding = typeof pad === 'number' ? 'even' : JSON.stringify(pad);
  const divided = Object.entries(way).map(([name, value]) => `${name} ${value}`);
  return [`kernel ${filter[0]}`, `stride ${stride}`, `padding ${padding}`, ...divided];
}

/** Workgroups load other numbers for filters of one number, and at an edge; the rest of a shape is only numbers to them. */
const workgroupTraitsOf = ({ one: { filter, pad }, way }: Trial<workgroups.Block>) =>
  // Large blocks take seconds to compile; the layer on a card has them.
  way === large ? [] : [`pointwise ${filter[0] === 1}`, `even ${typeof pad === 'number'}`];

const blocks = [wide[0]!, ...wide.slice(3), wide[1]!, wide[2]!].flatMap((one) =>
  (one === wide[0] || one === wide[1] ? [large!, small!] : [small!]).map((way) => ({ one, way })),
);
const trials = {
  forward: oneOfEach(trialsOf(forward), traitsOf),
  backward: oneOfEach(trialsOf(backward), traitsOf),
  filters: oneOfEach(trialsOf(filters), traitsOf),
  teamsForward: oneOfEach(blocks, workgroupTraitsOf),
  teamsBackward: oneOfEach(
    blocks.filter(({ one }) => one.stride === 1),
    workgroupTraitsOf,
  ),
  teamsFilters: oneOfEach(blocks, workgroupTraitsOf),
};

/** Tests of one division of the trials; call it inside a `describe`. */
export function convolutionKernels(which: 'few' | 'others'): void {
  computeWanted(Object.values(trials).flatMap((of) => of[which].map(({ one }) => one)));

  describe('threads on their own', () => {
    test.each(each(trials.forward[which]))('forward, %s, %s', async (_, __, { one, way }) => {
      const kernel = convForwardByThreads(infoOf(one), [], way);
      await expectKernel(one, { kernel }, ['x', 'filter', 'y']);
    });
    test.each(each(trials.backward[which]))('input gradient, %s, %s', async (_, __, { one, way }) => {
      const kernel = convInputGradientByThreads(infoOf(one), [], way);
      await expectKernel(one, { kernel }, ['dy', 'filter', 'dx']);
    });
    test.each(each(trials.filters[which]))('filter gradient, %s, %s', async (_, __, { one, way }) => {
      const kernel = convFilterGradientByThreads(infoOf(one), way);
      await expectKernel(one, { kernel, count: way.partials }, ['x', 'dy', 'dfilter']);
    });
  });

  describe('workgroups', () => {
    test.each(each(trials.teamsForward[which]))('forward, %s, blocks of %s', async (_, __, { one, way }) => {
      const kernel = workgroups.convForwardByWorkgroups(infoOf(one), [], way);
      await expectKernel(one, { kernel }, ['x', 'filter', 'y']);
    });
    test.each(each(trials.teamsBackward[which]))(
      'input gradient, %s, blocks of %s',
      async (_, __, { one, way }) => {
        const kernel = workgroups.convInputGradientByWorkgroups(infoOf(one), [], way);
        await expectKernel(one, { kernel }, ['dy', 'filter', 'dx']);
      },
    );
    test.each(each(trials.teamsFilters[which]))(
      'filter gradient, %s, blocks of %s',
      async (_, __, { one, way }) => {
        const count = way.rows === 8 ? 1 : 3;
        const kernel = workgroups.convFilterGradientByWorkgroups(infoOf(one), count, way);
        await expectKernel(one, { kernel, count }, ['x', 'dy', 'dfilter']);
      },
    );
  });
}
