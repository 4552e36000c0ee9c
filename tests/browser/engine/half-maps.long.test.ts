/**
 * Maps in half precision, on adapters whose shaders know numbers of 16 bits. The software adapter of a plain Chromium does
 * not; a graphics card does, and so does the software driver of Mesa.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { captureStep } from '../../../src/engine/capture/capture';
import { gradientsOf } from '../../../src/engine/gradients';
import { keepMapsInHalf, trainingPass, whyNoHalfMaps } from '../../../src/engine/half-maps';
import { softmaxCrossEntropy } from '../../../src/engine/loss-ops';
import { tf, type Scalar, type Tensor2D, type Tensor4D } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import { Network } from '../../../src/nn/network';
import { RandomStream } from '../../../src/random/streams';
import { onWebgpu } from '../on-webgpu';
import { classes, expectSameTraining, input } from './replayed-networks';

onWebgpu({ allOps: true });
afterEach(() => keepMapsInHalf(false));

/** Convolutions of all kinds and sides, pools, shortcuts, depthwise and grouped layers, maps side by side. */
const networks = ['cnn-8-16-32', 'resnet8', 'vgg8', 'MobileNetV2', 'ShuffleV1', 'ShuffleV2', 'ResNet18'];

describe('a training pass with maps in half precision', () => {
  beforeEach((context) => {
    const why = whyNoHalfMaps();
    if (why) context.skip(why);
  });

  test.each(networks)('%s takes the same steps eagerly and replayed', async (name) => {
    keepMapsInHalf(true);
    await expectSameTraining((random) => Network.create(name, input, classes, random));
  });

  test.each(['cnn-8-16-32', 'resnet8'])(
    '%s has nearly the gradients of single precision, in less memory',
    async (name) => {
      const single = await gradientsOfStep(name);
      keepMapsInHalf(true);
      const half = await gradientsOfStep(name);
      expect(half.loss).not.toBe(single.loss);
      expect(Math.abs(half.loss - single.loss)).toBeLessThan(2e-3);
      expect(cosine(half.gradients, single.gradients)).toBeGreaterThan(0.999);
      // Weights, their gradients and the gradients of maps stay as they are.
      expect(half.bytes / single.bytes).toBeLessThan(0.85);
    },
  );

  test('the numbers of a map are those of the map rounded to 16 bits, also for kernels of TensorFlow.js', async () => {
    keepMapsInHalf(true);
    const values = Float32Array.of(1, 1 + 2 ** -11, -0.1, 65504, 2 ** -24, 3e-5, 1000.3, 0);
    const rounded = [1, 1, -0.0999755859375, 65504, 2 ** -24, 2.9981136322021484e-5, 1000.5, 0];
    await withValidation(async () => {
      const before = tf.memory().numTensors;
      const x: Tensor4D = tf.tensor4d(values, [1, 2, 2, 2]);
      // A convolution that changes nothing: what a layer puts out is a map.
      const kernel: Tensor4D = tf.tensor4d([1, 0, 0, 1], [1, 1, 2, 2]);
      const map = trainingPass(() => tf.conv2d(x, kernel, 1, 'same'));
      const reversed = tf.reverse(map, [3]);
      expect([...(await reversed.data())]).toEqual(
        [0, 1, 2, 3].flatMap((p) => [rounded[2 * p + 1]!, rounded[2 * p]!]),
      );
      expect([...(await map.data())]).toEqual(rounded);
      tf.dispose([x, kernel, map, reversed]);
      expect(tf.memory().numTensors).toBe(before);
    });
  });
});

/** Loss, gradients and the memory of a recorded step. */
async function gradientsOfStep(name: string) {
  const [batch, side] = [16, 16];
  const random = RandomStream.fork(7, 'half maps');
  const network = Network.create(name, [side, side, 3], 10, random);
  const variables = [...network.module.trainable.values()];
  const images: Tensor4D = tf.tensor4d(
    Float32Array.from({ length: batch * side * side * 3 }, () => random.normal()),
    [batch, side, side, 3],
  );
  const labels = tf.tensor2d(
    Float32Array.from({ length: batch * 10 }, (_, i) => +(i % 11 === 0)),
    [batch, 10],
  );
  const graph = captureStep(
    () => {
      const { value, gradients } = gradientsOf((): Scalar => {
        const { logits } = network.forward(images, { training: true });
        return tf.mean(softmaxCrossEntropy(logits, labels as Tensor2D));
      }, variables);
      return { loss: value, gradients: tf.concat(gradients.map((gradient) => tf.reshape(gradient!, [-1]))) };
    },
    { inputs: [] },
  );
  const { loss, gradients } = (await withValidation(async () => graph.replay()))!;
  const { bytes } = graph;
  graph.dispose();
  tf.dispose([images, labels]);
  network.dispose();
  return { loss: loss![0]!, gradients: gradients!, bytes };
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}
