/**
 * Random chains of layers, whose small ops become steps of the kernels before them: value and gradients, against the
 * composed table on the cpu backend, tuned for the software adapter and for a card.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { opsOverTensors } from '../../../src/engine/fused';
import { gradientsOf } from '../../../src/engine/gradients';
import { tuneFor } from '../../../src/engine/kernels/wgsl';
import type { Ops } from '../../../src/engine/ops';
import { tf, type Tensor } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import { RandomStream } from '../../../src/random/streams';
import { weighted } from './table-case';

/** [B,H,W,C] of the images, and layers one after the other. */
interface Chain {
  images: [number, number, number, number];
  layers: Layer[];
  training: boolean;
}
type Layer =
  | { kind: 'conv'; kernel: number; stride: number; filters: number; bias: boolean }
  | { kind: 'norm' | 'relu' | 'pool' | 'double' | 'halve' }
  /** The sum with what came so many layers before, if that has the same shape. */
  | { kind: 'skip'; back: number };

function randomChain(seed: number): Chain {
  const random = RandomStream.fork(seed, 'chain');
  const pick = <T>(...choices: T[]): T => choices[Math.floor(random.uniform() * choices.length)]!;
  const filters = pick(3, 4, 6, 8, 16);
  const layer = (): Layer =>
    pick<() => Layer>(
      () => ({ kind: 'conv', kernel: pick(1, 3), stride: pick(1, 1, 2), filters, bias: pick(true, false) }),
      () => ({ kind: 'norm' }),
      () => ({ kind: 'relu' }),
      () => ({ kind: 'relu' }),
      () => ({ kind: pick('pool', 'double', 'halve') }),
      () => ({ kind: 'skip', back: pick(1, 2, 3) }),
    )();
  const side = pick(4, 7, 8, 12);
  return {
    images: [pick(4, 8, 16), side, pick(side, 5), pick(1, 2, 3, 4)],
    layers: Array.from({ length: 7 }, layer),
    training: pick(true, true, false),
  };
}

/** Maps of few pixels and many channels, of which a thread does several images. */
const small: Chain = {
  images: [8, 2, 2, 16],
  layers: [
    { kind: 'conv', kernel: 3, stride: 1, filters: 32, bias: false },
    { kind: 'norm' },
    { kind: 'relu' },
    { kind: 'conv', kernel: 3, stride: 1, filters: 32, bias: true },
    { kind: 'skip', back: 3 },
  ],
  training: true,
};
const strided: Chain = {
  ...small,
  images: [16, 8, 8, 8],
  layers: [{ kind: 'conv', kernel: 3, stride: 2, filters: 16, bias: false }, ...small.layers.slice(1)],
};

/** More rows than a workgroup has members. */
const manyRows: Chain = {
  images: [40, 16, 3, 4],
  layers: [{ kind: 'conv', kernel: 3, stride: 1, filters: 8, bias: true }, { kind: 'relu' }],
  training: true,
};

const drawn = Array.from({ length: 8 }, (_, seed): [string, Chain] => [`chain ${seed}`, randomChain(seed)]);

/** Each chain has shapes, and so kernels to compile, of its own: most are a long test. */
export const chains: [string, Chain][] = [
  ['many short rows', manyRows],
  ['small maps by strides', strided],
  ...drawn.slice(2, 4),
];
export const moreChains: [string, Chain][] = [['small maps', small], ...drawn.slice(0, 2), ...drawn.slice(4)];

/** Output and gradients of all parameters and the images. */
async function compute({ images, layers, training }: Chain): Promise<Float32Array[]> {
  const random = RandomStream.fork(1, 'values');
  const parameters = new Map<string, Tensor>();
  const made: Tensor[] = [];
  const draw = (shape: number[], scale = 1, offset = 0) => {
    const values = Array.from(
      { length: tf.util.sizeFromShape(shape) },
      () => offset + scale * random.normal(),
    );
    const tensor = tf.tensor(values, shape);
    made.push(tensor);
    return tensor;
  };
  const x = draw(images);
  const describeInto = (shape: number[], layer: Layer, n: number) => {
    const channels = shape.at(-1)!;
    if (layer.kind === 'conv') {
      const { kernel, filters } = layer;
      parameters.set(
        `${n}.weight`,
        draw([kernel, kernel, channels, filters], 1 / (kernel * Math.sqrt(channels))),
      );
      parameters.set(`${n}.bias`, draw([filters]));
    } else if (layer.kind === 'norm') {
      for (const name of ['weight', 'bias', 'running_mean', 'running_var'])
        parameters.set(`${n}.${name}`, draw([channels], 0.2, name === 'running_var' ? 2 : 0.5));
    }
  };
  const options = {
    weights: (name: string) => parameters.get(name)!,
    statistics: (name: string) => parameters.get(name)!,
    training,
  };
  const tensors = tf.tidy(() => {
    // A pass in advance shapes the parameters, which then are what is differentiated.
    run(opsOverTensors(options), x, layers, describeInto);
    let output: Tensor | null = null;
    const { gradients } = gradientsOf(() => {
      const y = run(opsOverTensors(options), x, layers, () => undefined);
      output = tf.keep(y.clone());
      return weighted(y);
    }, [x, ...[...parameters].filter(([name]) => !name.includes('running')).map(([, tensor]) => tensor)]);
    return [output! as Tensor, ...gradients.flatMap((gradient) => gradient ?? [])];
  });
  const numbers = await Promise.all(tensors.map((tensor) => tensor.data<'float32'>()));
  tf.dispose([...tensors, ...made]);
  return numbers;
}

function run(
  ops: Ops<Tensor>,
  images: Tensor,
  layers: readonly Layer[],
  before: (shape: number[], layer: Layer, n: number) => void,
): Tensor {
  const seen = [images];
  layers.forEach((layer, n) => {
    const x = seen.at(-1)!;
    before(x.shape, layer, n);
    seen.push(apply(ops, x, layer, n, seen));
  });
  return seen.at(-1)!;
}

function apply(ops: Ops<Tensor>, x: Tensor, layer: Layer, n: number, seen: readonly Tensor[]): Tensor {
  switch (layer.kind) {
    case 'conv':
      return ops.conv(x, { ...layer, name: `${n}`, padding: (layer.kernel - 1) / 2 });
    case 'norm':
      return ops.batchNorm(x, `${n}`);
    case 'relu':
      return ops.relu(x);
    case 'pool':
      return Math.min(x.shape[1]!, x.shape[2]!) < 2 ? x : ops.maxPool(x, 2, 2);
    case 'double':
      return tf.mul(x, 2);
    case 'halve':
      return tf.div(x, tf.scalar(2));
    case 'skip': {
      const other = seen.at(-1 - layer.back);
      return other?.shape.join() === x.shape.join() ? ops.add(x, other) : x;
    }
  }
}

/**
 * Workgroups as large as a card wants them take seconds on the software adapter for each hundred numbers of a filter: few
 * channels, and the random chains that happen to have few.
 */
const narrow = (chain: Chain): Chain => ({
  ...chain,
  images: [...chain.images.slice(0, 3), 4] as unknown as Chain['images'],
  layers: chain.layers.map((layer) => (layer.kind === 'conv' ? { ...layer, filters: 8 } : layer)),
});
/** For a long test. */
export const onCard: [string, Chain][] = [
  ['many short rows', manyRows],
  ['small maps', small],
  ['small maps by strides', strided],
  ...drawn.slice(0, 2),
  ['narrow small maps by strides', narrow(strided)],
];

/** A test per chain, with kernels as they are written for the software adapter or for a card. */
export function chainsAgree(
  tuned: 'the software adapter' | 'a card',
  chains: readonly [string, Chain][],
): void {
  describe(`tuned for ${tuned}`, () => {
    const expected = new Map<Chain, Float32Array[]>();
    beforeAll(async () => {
      await chooseBackend('cpu');
      for (const [, chain] of chains) expected.set(chain, await compute(chain));
      await chooseBackend('webgpu');
      tuneFor(tuned === 'the software adapter');
    });
    afterAll(() => tuneFor(true));

    test.each([...chains])('%s', async (_, chain) => {
      const before = tf.memory();
      const found = await withValidation(() => compute(chain));
      expect(tf.memory()).toMatchObject({
        numTensors: before.numTensors,
        numDataBuffers: before.numDataBuffers,
      });
      const wanted = expected.get(chain)!;
      expect(found).toHaveLength(wanted.length);
      found.forEach((values, t) => {
        const largest = wanted[t]!.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[t]![i]!)), 0);
        expect(worst).toBeLessThanOrEqual(1e-5 + 1e-4 * largest);
      });
    });
  });
}
