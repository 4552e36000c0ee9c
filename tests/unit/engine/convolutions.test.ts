/** Which kernel a convolution gets, and that a device can run it. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  blockFor,
  convFilterGradient,
  convForward,
  convInputGradient,
  workgroupPartials,
  workgroupsFor,
} from '../../../src/engine/kernels/conv';
import { filterGradientPlan } from '../../../src/engine/kernels/conv-filter';
import { supportsConv, type ConvInfo } from '../../../src/engine/kernels/conv-info';
import { tileOf, type Side } from '../../../src/engine/kernels/conv-tile';
import { tuneFor, widthOf } from '../../../src/engine/kernels/wgsl';
import { tf } from '../../../src/engine/tf';
import type { ConvOptions, JoinOps } from '../../../src/engine/ops';
import { describeModule, type Shape } from '../../../src/nn/describe';
import { parseNetworkName, type NetworkSpec } from '../../../src/nn/network-names';
import { defineNetwork } from '../../../src/nn/networks/define-network';
import { RandomStream } from '../../../src/random/streams';

/** @param padding as much as leaves the sides as they are, if left out */
function convolution(
  batch: number,
  side: number,
  inputs: number,
  outputs: number,
  kernel = 3,
  stride = 1,
): ConvInfo {
  const shapes = [
    [batch, side, side, inputs],
    [kernel, kernel, inputs, outputs],
  ] as const;
  return tf.backend_util.computeConv2DInfo([...shapes[0]], [...shapes[1]], stride, 1, (kernel - 1) / 2);
}

const kernelsOf = (info: ConvInfo) => [
  convForward(info, []),
  convInputGradient(info, []),
  convFilterGradient(info).kernel,
];

afterEach(() => tuneFor(true));

describe('workgroups', () => {
  test('compute on a card what is wide on both sides', () => {
    tuneFor(false);
    const names = (info: ConvInfo) => kernelsOf(info).map(({ name }) => name.includes('workgroups'));
    expect(names(convolution(32, 8, 64, 64))).toEqual([true, true, true]);
    expect(names(convolution(32, 8, 64, 60))).toEqual([false, false, false]);
    expect(names(convolution(32, 8, 60, 64))).toEqual([false, false, false]);
    expect(names(convolution(32, 8, 66, 64))).toEqual([false, false, false]);
    expect(names(convolution(32, 8, 64, 66))).toEqual([false, false, false]);
    expect(names(convolution(32, 8, 64, 128, 3, 2))).toEqual([true, false, true]);
    expect(names(convolution(32, 8, 64, 128, 1, 2))).toEqual([true, false, true]);
  });

  test('compute nothing on the software adapter', () => {
    expect(workgroupsFor(convolution(32, 8, 256, 256), 'forward')).toBeNull();
    expect(kernelsOf(convolution(32, 8, 256, 256)).map(({ name }) => name)).toEqual([
      'conv forward',
      'conv input gradient',
      'conv filter gradient',
    ]);
  });

  test('have large blocks where these are enough to keep a card busy', () => {
    expect(blockFor(convolution(64, 16, 64, 64), 'forward')).toEqual({ rows: 8, vectors: 2 });
    expect(blockFor(convolution(63, 16, 64, 64), 'forward')).toEqual({ rows: 4, vectors: 1 });
    expect(blockFor(convolution(64, 16, 64, 256, 1, 2), 'forward')).toEqual({ rows: 8, vectors: 2 });
    expect(blockFor(convolution(64, 16, 64, 252, 1, 2), 'forward')).toEqual({ rows: 8, vectors: 2 });
    expect(blockFor(convolution(64, 16, 64, 128, 1, 2), 'forward')).toEqual({ rows: 4, vectors: 1 });
    expect(blockFor(convolution(64, 8, 256, 64, 1), 'input gradient')).toEqual({ rows: 8, vectors: 2 });
    expect(blockFor(convolution(64, 8, 64, 256, 1), 'input gradient')).toEqual({ rows: 4, vectors: 1 });
  });

  test('divide the pixels of a filter gradient until there are enough, with a least number of pixels each', () => {
    const partials = (info: ConvInfo) => workgroupPartials(info, blockFor(info, 'filter gradient'));
    // 9 blocks over 16384 pixels; one block over 4096; 16 over 256; 2304 over 1024
    expect(partials(convolution(64, 16, 64, 64))).toBe(29);
    expect(partials(convolution(64, 8, 64, 64, 1))).toBe(32);
    expect(partials(convolution(4, 8, 256, 256, 1))).toBe(2);
    expect(partials(convolution(1, 8, 256, 256, 1))).toBe(1);
    expect(partials(convolution(64, 4, 1024, 1024))).toBe(1);
  });
});

test('what is dilated, of unequal strides, of another layout or large is left to the stock kernels', () => {
  const info = convolution(2, 9, 4, 4);
  expect(supportsConv(info)).toBe(true);
  const others: Partial<ConvInfo>[] = [
    { dataFormat: 'channelsFirst' },
    { dilationHeight: 2 },
    { dilationWidth: 2 },
    { strideWidth: 2 },
    { filterHeight: 8 },
    { filterWidth: 8 },
  ];
  for (const other of others) expect(supportsConv({ ...info, ...other }), JSON.stringify(other)).toBe(false);
});

describe('a filter gradient by threads', () => {
  test('is summed by workgroups on a card, as long as there are not too many', () => {
    tuneFor(false);
    expect(filterGradientPlan(convolution(64, 8, 16, 32))).toMatchObject({ by: 'workgroup', partials: 1 });
    expect(filterGradientPlan(convolution(64, 32, 16, 32))).toMatchObject({ by: 'partials', partials: 43 });
    expect(filterGradientPlan(convolution(64, 4, 510, 2046, 1))).toMatchObject({
      by: 'partials',
      partials: 1,
    });
  });

  test('has no more partial sums than rows', () => {
    tuneFor(true);
    expect(filterGradientPlan(convolution(2, 3, 1, 1))).toMatchObject({ by: 'partials', partials: 6 });
    tuneFor(false);
    // Few rows, but very long ones.
    const long = tf.backend_util.computeConv2DInfo([1, 4, 60_000, 1], [1, 1, 1, 1], 1, 1, 0);
    expect(filterGradientPlan(long)).toMatchObject({ by: 'partials', partials: 4 });
  });
});

describe.each([true, false])('a tile (software: %s)', (isSoftware) => {
  test('divides the batch and the channels, and its pixels are multiples of the stride', () => {
    tuneFor(isSoftware);
    const random = RandomStream.fork(3, 'sides');
    const pick = <T>(...choices: T[]): T => choices[Math.floor(random.uniform() * choices.length)]!;
    for (let n = 0; n < 300; n++) {
      const side: Side = {
        batch: pick(1, 3, 5, 12, 64, 96, 200),
        rows: pick(1, 2, 7, 8, 28),
        rowLength: pick(1, 2, 3, 4, 5, 7, 11, 28),
        channels: pick(1, 3, 4, 6, 8, 12, 24, 64),
        summed: pick(1, 2, 3, 16, 64),
        filterWidth: pick(1, 3, 5),
        stride: pick(1, 2, 3),
        taps: (pixels) => ({ loads: pixels, meetings: pixels }),
      };
      const { pixels, images, groups, width } = tileOf(side);
      const vectors = side.channels / widthOf(side.channels);
      const label = JSON.stringify(side);
      expect(
        [side.batch % images, vectors % groups, pixels % side.stride, side.summed % width],
        label,
      ).toEqual([0, 0, 0, 0]);
      expect(pixels, label).toBeLessThan(side.rowLength + side.stride);
    }
  });
});

/** Every convolution of the large networks, as they meet it: images of 32 pixels, 64 at a time. */
describe.each(['ResNet18', 'ResNet50', 'MobileNetV2', 'vgg8', 'wrn_16_10', 'cnn-1023-1022'])(
  '%s',
  (network) => {
    test.each([true, false])('has kernels that any device can run (software: %s)', (isSoftware) => {
      tuneFor(isSoftware);
      const found = convolutionsOf(network).flatMap(kernelsOf);
      expect(found.length).toBeGreaterThan(5);
      for (const { name, workgroups, wgsl } of found) {
        expect(Math.max(...workgroups), name).toBeLessThanOrEqual(65_535);
        const shared = [...wgsl.matchAll(/var<workgroup> \w+: array<(f32|vec(\d)f), (\d+)>/g)];
        const bytes = shared.reduce(
          (sum, [, , width = '1', count]) => sum + 4 * Number(width) * Number(count),
          0,
        );
        expect(bytes, name).toBeLessThanOrEqual(16_384);
      }
    });
  },
);

/** The convolutions of a network with sides and channels as in training. */
function convolutionsOf(network: string): ConvInfo[] {
  const found: ConvInfo[] = [];
  const define = defineNetwork(parseNetworkName(network) as NetworkSpec, 100);
  describeModule(
    (ops: JoinOps<Shape>, images) => {
      const conv = ops.conv.bind(ops);
      ops.conv = (x: Shape, options: ConvOptions) => {
        const { filters, kernel, stride = 1, padding = 0 } = options;
        const [height, width, inputs] = x as [number, number, number];
        found.push(
          tf.backend_util.computeConv2DInfo(
            [64, height, width, inputs],
            [kernel, kernel, inputs, filters],
            stride,
            1,
            padding,
          ),
        );
        return conv(x, options);
      };
      return define(ops, images!);
    },
    [[32, 32, 3]],
  );
  return found;
}
