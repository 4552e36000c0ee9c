/** Layers of random shapes: kernels, strides, paddings and channels that fill vectors or not. */
import { widthOf } from '../../../src/engine/kernels/wgsl';
import { RandomStream } from '../../../src/random/streams';
import { oneOfEach } from '../../support/one-of-each';
import type { Case } from './table-case';

const random = RandomStream.fork(7, 'shapes');
export const pick = <T>(...choices: T[]): T => choices[Math.floor(random.uniform() * choices.length)]!;
export const channels = () => pick(1, 2, 3, 4, 5, 6, 8, 12);

interface Layer extends Case {
  /** What a kernel is written differently for. */
  traits: string[];
}

const vectors = (channels: number) => `vectors of ${widthOf(channels)}`;

function convolution(transposed: boolean): Layer {
  const [kernel, stride] = [pick(1, 2, 3, 4, 5), pick(1, 2, 3)];
  const padding = pick(...[0, 1, 2].filter((pixels) => pixels < kernel));
  const least = transposed ? padding + 1 : Math.max(kernel - 2 * padding, 1);
  const [height, width] = [least + pick(0, 1, 4, 9), least + pick(0, 2, 3, 7, 12)];
  const [inputs, filters] = [channels(), channels()];
  const options = { name: 'c', filters, kernel, stride, padding, bias: pick(true, false) };
  const form = transposed ? 'transposed convolution' : 'convolution';
  return {
    name: `${form} ${kernel}x${kernel}/${stride}+${padding}, ${height}x${width}, ${inputs} to ${filters}`,
    shapes: {
      x: [pick(1, 2, 3), height, width, inputs],
      'c.weight': transposed ? [kernel, kernel, filters, inputs] : [kernel, kernel, inputs, filters],
      'c.bias': [filters],
    },
    traits: [
      `kernel ${kernel}`,
      `stride ${stride}`,
      `${vectors(inputs)} to ${vectors(filters)}`,
      `bias ${options.bias}`,
    ].map((trait) => `${form}, ${trait}`),
    run: (ops, { x }) => (transposed ? ops.convTranspose(x!, options) : ops.conv(x!, options)),
  };
}

function depthwise(): Layer {
  const [kernel, stride] = [pick(1, 2, 3, 5), pick(1, 2, 3)];
  const padding = pick(...[0, 1, 2].filter((pixels) => pixels < kernel));
  const least = Math.max(kernel - 2 * padding, 1);
  const [height, width] = [least + pick(0, 1, 4, 9), least + pick(0, 2, 3, 7, 12)];
  const inputs = channels();
  const relu = pick(true, false);
  const options = { name: 'c', kernel, stride, padding };
  return {
    name: `depthwise ${kernel}x${kernel}/${stride}+${padding}, ${height}x${width}x${inputs}${relu ? ', ReLU' : ''}`,
    traits: [`kernel ${kernel}`, `stride ${stride}`, `${vectors(inputs)}, ReLU ${relu}`].map(
      (trait) => `depthwise, ${trait}`,
    ),
    shapes: { x: [pick(1, 2, 3, 40), height, width, inputs], 'c.weight': [kernel, kernel, 1, inputs] },
    run: (ops, { x }) => {
      const y = ops.depthwiseConv(x!, options);
      return relu ? ops.relu(y) : y;
    },
  };
}

function grouped(): Layer {
  const groups = pick(2, 3, 4);
  const [inputs, units] = [pick(1, 2, 3, 4, 8), pick(1, 2, 3, 4, 6, 12)];
  const x = [pick(1, 2, 7), pick(1, 3, 5), pick(1, 4), inputs * groups];
  const relu = pick(true, false);
  const options = { name: 'c', filters: units * groups, kernel: 1, groups };
  return {
    name: `convolution in ${groups} groups of ${inputs} to ${units}, [${x.join()}]${relu ? ', ReLU' : ''}`,
    traits: [`groups ${groups}`, `${vectors(inputs)} to ${vectors(units)}`, `ReLU ${relu}`].map(
      (trait) => `grouped, ${trait}`,
    ),
    shapes: { x, 'c.weight': [1, 1, inputs, units * groups] },
    run: (ops, { x: map }) => {
      const y = ops.conv(map!, options);
      return relu ? ops.relu(y) : y;
    },
  };
}

const drawn = [
  ...Array.from({ length: 24 }, () => convolution(false)),
  ...Array.from({ length: 8 }, () => convolution(true)),
  ...Array.from({ length: 20 }, depthwise),
  ...Array.from({ length: 14 }, grouped),
];

/** The others are for a long test. */
export const { few, others } = oneOfEach(drawn, ({ traits }) => traits);
