/** A few steps of SGD on fixed images, on every backend. */
import { expect } from 'vitest';
import type { BackendName } from '../../../src/engine/backend-names';
import { chooseBackend } from '../../../src/engine/backends';
import { gradientsOf } from '../../../src/engine/gradients';
import { tf, type Scalar, type Tensor2D, type Tensor4D } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import { Observed, type NamedArray } from '../../../src/nn/module';
import { Network } from '../../../src/nn/network';
import { Sgd } from '../../../src/nn/optimisers';
import { RandomStream } from '../../../src/random/streams';

const backends: BackendName[] = ['cpu', 'wasm', 'webgpu'];
const batch = 8;

interface Outcome {
  losses: number[];
  state: NamedArray[];
}

/** A few steps; everything that was made is disposed again. */
export async function train(name: string, side: number, steps: number): Promise<Outcome> {
  const before = tf.memory().numTensors;
  const network = Network.create(name, [side, side, 1], 3, RandomStream.fork(1, 'init'));
  const variables = [...network.module.trainable.values()];
  const optimiser = new Sgd(variables, { momentum: 0.9, nesterov: false, weightDecay: 5e-4 });
  const random = RandomStream.fork(1, 'images');
  const pixels = Float32Array.from({ length: batch * side * side }, () => random.normal());
  const images: Tensor4D = tf.tensor4d(pixels, [batch, side, side, 1]);
  const labels = tf.tidy(() =>
    tf.oneHot(
      tf.tensor1d(
        Array.from({ length: batch }, (_, i) => i % 3),
        'int32',
      ),
      3,
    ),
  );
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const held = tf.memory().numTensors;
    const observed = new Observed();
    const { value, gradients } = gradientsOf((): Scalar => {
      const { logits } = network.forward(images, { training: true, observed });
      return tf.neg(tf.div(tf.sum(tf.mul(labels, tf.logSoftmax(logits as Tensor2D))), batch));
    }, variables);
    optimiser.step(gradients, 0.05);
    observed.absorb();
    losses.push((await value.data())[0]!);
    tf.dispose([value, ...gradients.map((gradient) => gradient!)]);
    expect(tf.memory().numTensors).toBe(held);
  }
  const state = await network.module.exportState();
  tf.dispose([images, labels]);
  optimiser.dispose();
  network.dispose();
  expect(tf.memory().numTensors).toBe(before);
  return { losses, state };
}

async function trainOn(backend: BackendName, name: string, side: number, steps: number): Promise<Outcome> {
  await tf.setBackend(backend);
  const work = () => train(name, side, steps);
  return backend === 'webgpu' ? withValidation(work) : work();
}

/** For `beforeAll`. */
export async function startBackends(): Promise<void> {
  for (const backend of backends) await chooseBackend(backend);
}

/** Three steps of a network on images of so many pixels must end with the weights of the cpu backend. */
export async function expectSameWeights(name: string, side: number): Promise<void> {
  const reference = await trainOn('cpu', name, side, 3);
  expect(reference.losses[2]).toBeLessThan(reference.losses[0]!);
  for (const backend of ['wasm', 'webgpu'] as const) {
    const { losses, state } = await trainOn(backend, name, side, 3);
    losses.forEach((loss, step) => expect(loss).toBeCloseTo(reference.losses[step]!, 4));
    state.forEach(({ data }, i) => {
      const expected = reference.state[i]!;
      const distance = data.reduce(
        (most, value, j) => Math.max(most, Math.abs(value - expected.data[j]!)),
        0,
      );
      expect(distance, `${backend} ${expected.name}`).toBeLessThan(1e-3);
    });
  }
}
