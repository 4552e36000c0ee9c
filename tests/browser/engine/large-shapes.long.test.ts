/**
 * Layers over more vectors than fit into one row of workgroups, and training steps of networks on pictures as large as an
 * import takes, both against WebAssembly.
 */
import { expect, test } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { gradientsOf } from '../../../src/engine/gradients';
import { mostWorkgroups } from '../../../src/engine/kernels/wgsl';
import { softmaxCrossEntropy } from '../../../src/engine/loss-ops';
import { tf, type Scalar } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import { Network } from '../../../src/nn/network';
import { RandomStream } from '../../../src/random/streams';
import { onWebgpu } from '../on-webgpu';
import { compute, type Case } from './table-case';

onWebgpu({ allOps: true });

/** One vector of four channels for each thread. */
const large = [1, 2056, 2052, 4];

const layers: Case[] = [
  { name: 'ReLU', shapes: { x: large }, run: (ops, { x }) => ops.relu(x!) },
  {
    name: 'batch norm, ReLU',
    shapes: { x: large, 'n.weight': [4], 'n.bias': [4] },
    run: (ops, { x }) => ops.batchNormRelu(x!, 'n'),
  },
  { name: 'sum', shapes: { x: large, y: large }, run: (ops, { x, y }) => ops.add(x!, y!) },
  { name: 'pooling', shapes: { x: large }, run: (ops, { x }) => ops.maxPool(x!, 3, 2, 1) },
  { name: 'global average', shapes: { x: large }, run: (ops, { x }) => ops.globalAveragePool(x!) },
  {
    name: '1x1 convolution',
    shapes: { x: large, 'c.weight': [1, 1, 4, 4] },
    run: (ops, { x }) => ops.conv(x!, { name: 'c', filters: 4, kernel: 1 }),
  },
];

/**
 * Length of the difference, in multiples of the expected length. Not the largest difference: of millions of numbers before
 * a ReLU some lie so near zero that backends let one of them through and not the other.
 */
function distance(found: Float32Array, wanted: Float32Array): number {
  let [apart, size] = [0, 0];
  wanted.forEach((value, i) => {
    apart += (found[i]! - value) ** 2;
    size += value ** 2;
  });
  return found.length === wanted.length ? Math.sqrt(apart / Math.max(size, 1e-24)) : Infinity;
}

async function onBoth<R>(work: () => Promise<R>): Promise<{ webgpu: R; wasm: R }> {
  await chooseBackend('wasm');
  expect(tf.getBackend()).toBe('wasm');
  const wasm = await work();
  await chooseBackend('webgpu');
  expect(tf.getBackend()).toBe('webgpu');
  return { webgpu: await withValidation(work), wasm };
}

test.each(layers.map((one) => [one.name, one] as const))('%s of two rows of workgroups', async (_, one) => {
  expect(tf.util.sizeFromShape(large) / 4).toBeGreaterThan(64 * mostWorkgroups);
  const { webgpu, wasm } = await onBoth(() => compute(one));
  // Sums over four million places, in another order.
  webgpu.forEach((found, n) => expect(distance(found, wasm[n]!)).toBeLessThan(2e-3));
});

/** Loss and gradients of one step. */
async function step(name: string, side: number, batch: number): Promise<Float32Array[]> {
  const [input, classes] = [[side, side, 3] as const, 10];
  const network = Network.create(name, input, classes, RandomStream.fork(1, 'network'));
  const random = RandomStream.fork(1, 'images');
  const pixels = Float32Array.from({ length: batch * side * side * 3 }, () => random.normal());
  const labels = Float32Array.from({ length: batch * classes }, (_, i) => +(i % (classes + 1) === 0));
  const tensors = tf.tidy(() => {
    const images = tf.tensor4d(pixels, [batch, ...input]);
    const targets = tf.tensor2d(labels, [batch, classes]);
    const { value, gradients } = gradientsOf(
      (): Scalar => tf.mean(softmaxCrossEntropy(network.forward(images, { training: true }).logits, targets)),
      [...network.module.trainable.values()],
    );
    return [value, ...gradients.map((gradient) => gradient!)];
  });
  const numbers = await Promise.all(tensors.map((tensor) => tensor.data<'float32'>()));
  tf.dispose(tensors);
  network.dispose();
  return numbers;
}

test.each<[string, number, number]>([
  ['ResNet18', 96, 2],
  ['ResNet18-stem7', 224, 2],
  ['ResNet50-stem7', 96, 2],
  ['MobileNetV2-224', 224, 1],
  ['resnet8', 32, 512],
])('a step of %s on pictures of %i pixels a side, batch %i', async (name, side, batch) => {
  const { webgpu, wasm } = await onBoth(() => step(name, side, batch));
  expect(webgpu.length).toBe(wasm.length);
  const [loss, ...gradients] = webgpu.map((found, n) => distance(found, wasm[n]!));
  expect(loss).toBeLessThan(1e-4);
  // Batch norms over a few places of the last maps enlarge the rounding of the numbers behind them. An offset in front of a
  // convolution with batch norm has no gradient but rounding.
  const largest = Math.max(...wasm.slice(1).map(spread));
  const far = gradients.filter((one, n) => !(one < 0.1) && spread(wasm[n + 1]!) > 1e-4 * largest);
  expect({ name, far }).toEqual({ name, far: [] });
});

/** Square root of the mean square. */
function spread(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
}
