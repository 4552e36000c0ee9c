/**
 * Parity of networks whose weights would be too large to keep: a formula makes weights and images from names, in the
 * reference code and here, and the file holds what the reference code (PyTorch, in double precision) answered. Sides and
 * batches are such that few inputs of a ReLU lie next to zero: there rounding decides whether a gradient passes.
 */
import { softmaxCrossEntropy } from '../../src/engine/loss-ops';
import { gradientsOf } from '../../src/engine/gradients';
import { tf } from '../../src/engine/tf';
import { toTorchLayout, torchShape, type NamedArray } from '../../src/nn/layouts';
import { Network } from '../../src/nn/network';
import { RandomStream } from '../../src/random/streams';
import type { FormulaCase, GradientSummary } from './case';
import { difference, tolerances } from './compare';
import { compareTrace, summarise } from './networks';

export async function runFormulaCase(golden: FormulaCase): Promise<string[]> {
  const { network: name, side, batch, classes, expected } = golden;
  const network = Network.create(name, [side, side, 3], classes, RandomStream.fork(1, 'parity'));
  const shape: [number, number, number, number] = [batch, side, side, 3];
  const images = tf.tensor4d(
    uniform('images', batch * side * side * 3, (u) => 2 * u),
    shape,
  );
  try {
    network.module.loadState(
      network.module.specs.map((spec) => weightsOf(spec.name, torchShape(spec.shape))),
    );
    const failures: string[] = [];
    for (const mode of ['eval', 'train'] as const) {
      const wanted = expected[mode];
      if (!wanted) continue;
      const found = await summarise(() => network.forward(images, { training: mode === 'train' }));
      failures.push(...compareTrace(mode, found, wanted));
    }
    if (expected.train) failures.push(...(await compareGradients(network, images, expected.train)));
    return failures;
  } finally {
    images.dispose();
    network.dispose();
  }
}

/** Of the mean cross-entropy with labels 0, 1, 2, ... in training. */
async function compareGradients(
  network: Network,
  images: tf.Tensor4D,
  expected: NonNullable<FormulaCase['expected']['train']>,
): Promise<string[]> {
  const names = [...network.module.trainable.keys()];
  const labels = tf.tidy(() => tf.oneHot(tf.range(0, images.shape[0], 1, 'int32'), network.outputs));
  const { value, gradients } = gradientsOf(
    () => tf.mean(softmaxCrossEntropy(network.forward(images, { training: true }).logits, labels)),
    [...network.module.trainable.values()],
  );
  const found: Record<string, GradientSummary> = {};
  for (const [i, gradient] of gradients.entries()) {
    const torch = toTorchLayout(await gradient!.data<'float32'>(), gradient!.shape);
    found[names[i]!] = { norm: length(torch), first: [...torch.subarray(0, 3)] };
  }
  const loss = await value.data();
  tf.dispose([labels, value, ...gradients.map((gradient) => gradient!)]);
  return [
    difference('loss', loss, [expected.loss], tolerances.loss),
    ...Object.entries(expected.gradients).flatMap(([name, { norm, first }]) => {
      // One ReLU that rounding opens or closes moves gradients by up to a per cent.
      const tolerance = { absolute: 1e-5 + 2e-2 * norm, relative: 0 };
      return [
        difference(`length of the gradient of ${name}`, found[name] && [found[name].norm], [norm], tolerance),
        difference(`gradient of ${name}`, found[name]?.first, first, tolerance),
      ];
    }),
  ].filter((failure) => failure !== null);
}

function length(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

/** Weights about as large as trained ones, so that neither signals nor gradients fade on their way. */
function weightsOf(name: string, shape: readonly number[]): NamedArray {
  const [offset, scale] = rangeOf(name, shape);
  const count = shape.reduce((product, side) => product * side, 1);
  return { name, shape, data: uniform(name, count, (u) => offset + u * scale) };
}

/** The middle of a parameter's range and half of its width. */
function rangeOf(name: string, shape: readonly number[]): [number, number] {
  if (name.endsWith('running_var')) return [1, 0.5];
  if (name.endsWith('running_mean')) return [0, 0.2];
  const fanIn = shape.slice(1).reduce((product, side) => product * side, 1);
  if (shape.length > 1) return [0, Math.sqrt(3 / fanIn)];
  return name.endsWith('weight') ? [1, 0.3] : [0, 0.2];
}

/**
 * `value` of numbers in [-1, 1), of which the i-th is a hash (Murmur3's last step) of i and of the name (FNV-1a). Written
 * in place: the largest network has 23 million weights, and each copy of them took as long as a small case.
 */
function uniform(name: string, count: number, value: (u: number) => number): Float32Array {
  let seed = 2166136261;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 16777619);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let h = (seed + Math.imul(i, 0x9e3779b1)) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    values[i] = value((((h ^ (h >>> 16)) >>> 0) / 2 ** 32) * 2 - 1);
  }
  return values;
}
