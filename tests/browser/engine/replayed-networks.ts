/** Training steps of a network, recorded and replayed or carried out op by op: both must give the same bits. */
import { expect } from 'vitest';
import { captureStep, liveTensor, type Outputs } from '../../../src/engine/capture/capture';
import { gradientsOf } from '../../../src/engine/gradients';
import { softmaxCrossEntropy } from '../../../src/engine/loss-ops';
import { tf, type Scalar, type Tensor1D, type Tensor2D, type Tensor4D } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import { Observed } from '../../../src/nn/module';
import type { Network } from '../../../src/nn/network';
import { Sgd } from '../../../src/nn/optimisers';
import { RandomStream } from '../../../src/random/streams';

const [batch, side] = [6, 8];
export const [input, classes] = [[side, side, 1], 3] as const;
const steps = 3;

/** A network for images of `input` and so many classes. */
export type MakeNetwork = (random: RandomStream) => Network;

interface Course {
  losses: number[];
  state: Float32Array[];
}

async function train(make: MakeNetwork, mode: 'eager' | 'captured'): Promise<Course> {
  const network = make(RandomStream.fork(1, 'network'));
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

/** Trains the network both ways and compares every number; nothing may be left on the device. */
export async function expectSameTraining(make: MakeNetwork): Promise<void> {
  const before = tf.memory().numTensors;
  const eager = await withValidation(() => train(make, 'eager'));
  const captured = await withValidation(() => train(make, 'captured'));
  expect(captured).toEqual(eager);
  expect(new Set(eager.losses).size).toBe(steps);
  for (const numbers of eager.state) expect(numbers.every(Number.isFinite)).toBe(true);
  expect(tf.memory().numTensors).toBe(before);
}
