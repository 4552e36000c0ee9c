/** The divisions of a convolution's work that `convolutions.test.ts` leaves out, and a layer whose work a card divides. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { convForward } from '../../../src/engine/kernels/conv';
import { tuneFor } from '../../../src/engine/kernels/wgsl';
import { tf, type Tensor, type Tensor4D } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import { convolutionKernels, infoOf, numbersOf, wide } from './convolution-kernels';
import { expectSame } from './table-case';

describe('kernels', () => convolutionKernels('others'));

describe('a wide layer on a card', () => {
  // Rows and channels that blocks leave over.
  const one = wide[1]!;
  let wanted: ReturnType<typeof numbersOf>;
  beforeAll(async () => {
    await chooseBackend('cpu');
    wanted = numbersOf(one);
    await chooseBackend('webgpu');
    tuneFor(false);
  });
  afterAll(() => tuneFor(true));

  test('is computed by workgroups, with the small ops that follow', async () => {
    expect(convForward(infoOf(one), []).name).toContain('workgroups');
    const { x, filter, y } = wanted;
    const bias = Float32Array.from({ length: 68 }, (_, c) => c / 9 - 3);
    const found = await withValidation(async () => {
      const result = tf.tidy(() =>
        tf.relu(
          tf.add(tf.conv2d(tf.tensor4d(x, one.x), tf.tensor4d(filter, one.filter), 1, 1), tf.tensor1d(bias)),
        ),
      );
      const read = await result.data<'float32'>();
      result.dispose();
      return read;
    });
    expectSame([found], [y.map((value, i) => Math.max(value + bias[i % 68]!, 0))]);
  });

  test('has the gradients of the cpu backend', async () => {
    const { x, filter, dy, dx, dfilter } = wanted;
    const found = await withValidation(async () => {
      const gradients = tf.tidy(() =>
        tf.grads((images: Tensor, weights: Tensor) =>
          tf.conv2d(images as Tensor4D, weights as Tensor4D, 1, 1),
        )([tf.tensor4d(x, one.x), tf.tensor4d(filter, one.filter)], tf.tensor4d(dy, infoOf(one).outShape)),
      );
      const read = await Promise.all(gradients.map((gradient) => gradient.data<'float32'>()));
      tf.dispose(gradients);
      return read;
    });
    expectSame(found, [dx, dfilter]);
  });
});
