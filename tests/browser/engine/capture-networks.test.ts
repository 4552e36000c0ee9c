/** A training step of the networks with depthwise and grouped convolutions, replayed, gives what it gives eagerly. */
import { beforeAll, expect, test } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { captureStep, liveTensor, type Outputs } from '../../../src/engine/capture/capture';
import { gradientsOf } from '../../../src/engine/gradients';
import { softmaxCrossEntropy } from '../../../src/engine/losses';
import { tf, type Scalar, type Tensor1D, type Tensor2D, type Tensor4D } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import { Observed } from '../../../src/nn/module';
import { Network } from '../../../src/nn/network';
import { Sgd } from '../../../src/nn/optimisers';
import { RandomStream } from '../../../src/random/streams';

const [batch, side, classes] = [6, 8, 3];
const steps = 3;

beforeAll(async () => {
  await chooseBackend('webgpu');
  expect(tf.getBackend()).toBe('webgpu');
  // Small ops would be computed on the CPU in eager steps, with other roundings.
  tf.env().set('WEBGPU_CPU_FORWARD', false);
});

interface Course {
  losses: number[];
  state: Float32Array[];
}

async function train(name: string, mode: 'eager' | 'captured'): Promise<Course> {
  const network = Network.create(name, [side, side, 1], classes, RandomStream.fork(1, 'network'));
  const variables = [...network.module.trainable.values()];
  const optimiser = new Sgd(variables, { momentum: 0.9, nesterov: false, weightDecay: 5e-4 });
  const images = liveTensor<Tensor4D>([batch, side, side, 1]);
  const labels = liveTensor<Tensor2D>([batch, classes]);
  const rates = liveTensor<Tensor1D>([4]);
  const random = RandomStream.fork(1, 'images');
  const pixels = Float32Array.from({ length: batch * side * side }, () => random.normal());
  const prepare = () => {
    images.write(pixels);
    labels.write(Float32Array.from({ length: batch * classes }, (_, i) => +(i % 4 === 0)));
    rates.write(optimiser.advance(0.001));
  };
  const step = (): Record<string, tf.Tensor> => {
    const observed = new Observed();
    const { value, gradients } = gradientsOf((): Scalar => {
      const { logits } = network.forward(images.tensor, { training: true, observed });
      return tf.mean(softmaxCrossEntropy(logits, labels.tensor));
    }, variables);
    observed.absorb();
    optimiser.apply(gradients, rates.tensor);
    return { loss: value };
  };
  const inputs = [images, labels, rates];
  prepare();
  const graph = mode === 'captured' ? captureStep(step, { inputs }) : null;
  await graph?.prepare();
  const losses: number[] = [];
  for (let n = 0; n < steps; n++) {
    if (n > 0) prepare();
    const outputs: Outputs = graph ? (await graph.replay())! : await eagerly(step);
    losses.push(outputs['loss']![0]!);
  }
  const state = (await network.module.exportState()).map(({ data }) => data);
  graph?.dispose();
  for (const live of inputs) live.dispose();
  optimiser.dispose();
  network.dispose();
  return { losses, state };
}

async function eagerly(step: () => Record<string, tf.Tensor>): Promise<Outputs> {
  const { loss } = tf.tidy(step) as { loss: Scalar };
  const numbers = await loss.data<'float32'>();
  loss.dispose();
  return { loss: numbers };
}

test.each(['MobileNetV2', 'ShuffleV1', 'ShuffleV2'])(
  'a training step of %s is the same eagerly and replayed',
  async (name) => {
    const before = tf.memory().numTensors;
    const eager = await withValidation(() => train(name, 'eager'));
    const captured = await withValidation(() => train(name, 'captured'));
    expect(captured).toEqual(eager);
    expect(new Set(eager.losses).size).toBe(steps);
    for (const numbers of eager.state) expect(numbers.every(Number.isFinite)).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
  },
);
