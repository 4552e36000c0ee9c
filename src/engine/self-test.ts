import type { BackendName } from './backend-names';
import { opsOverTensors } from './fused';
import { gradientsOf } from './gradients';
import { tf } from './tf';
import { withValidation } from './webgpu';

/** Result of `gradientStep` on the cpu backend. */
const expected = [1.402533, -0.007101, 0.137178, 0.118789, -0.053601, 0.136439];

/** Drivers differ by rounding, in the seventh digit; broken ones differ in the first. */
const tolerance = 1e-4;

/**
 * Computes one small training step (convolution, batch norm, ReLU, pooling, dense) and compares it with known
 * numbers, because broken drivers compute garbage without an error.
 * @throws Error with a sentence when the active backend fails or computes something else
 */
export async function selfTest(name: BackendName): Promise<void> {
  const numbers = name === 'webgpu' ? await withValidation(gradientStep) : await gradientStep();
  const worst = Math.max(...expected.map((value, i) => Math.abs(value - numbers[i]!)));
  if (!(worst <= tolerance)) throw new Error(`The ${name} backend computes wrong numbers on this device.`);
}

/** The loss of the step, and for each parameter the dot product of its gradient with a fixed pattern. */
export async function gradientStep(): Promise<number[]> {
  // Otherwise small tensors are computed on the CPU and the device is not tested.
  const flags = ['WEBGPU_CPU_FORWARD', 'WEBGL_CPU_FORWARD'].filter((flag) => flag in tf.env().getFlags());
  const before = flags.map((flag) => tf.env().getBool(flag));
  flags.forEach((flag) => tf.env().set(flag, false));
  const outputs = tf.tidy(() => {
    const parameters: Record<string, tf.Tensor> = {
      'conv.weight': wave([3, 3, 2, 4], 1),
      'norm.weight': tf.ones([4]),
      'norm.bias': wave([4], 2),
      'fc.weight': wave([4, 3], 3),
      'fc.bias': wave([3], 4),
    };
    const ops = opsOverTensors({
      weights: (parameter) => parameters[parameter]!,
      statistics: (statistic) => parameters[statistic]!,
      training: true,
    });
    const { value, gradients } = gradientsOf(() => {
      const map = ops.conv(wave([2, 8, 8, 2], 5), {
        name: 'conv',
        filters: 4,
        kernel: 3,
        stride: 1,
        padding: 1,
      });
      const pooled = ops.maxPool(ops.batchNormRelu(map, 'norm'), 2, 2);
      const logits = ops.dense(ops.globalAveragePool(pooled), { name: 'fc', units: 3 }) as tf.Tensor2D;
      return tf.neg(tf.mean(tf.logSoftmax(logits)));
    }, Object.values(parameters));
    return [value, ...gradients.map((gradient) => tf.sum(tf.mul(gradient!, wave(gradient!.shape, 6))))];
  });
  try {
    const numbers = await Promise.all(outputs.map((tensor) => tensor.data<'float32'>()));
    return numbers.map(([number]) => number!);
  } finally {
    outputs.forEach((tensor) => tensor.dispose());
    flags.forEach((flag, i) => tf.env().set(flag, before[i]!));
  }
}

/** Irregular numbers without a random source. */
function wave(shape: number[], phase: number): tf.Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  const values = Float32Array.from({ length: size }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * phase));
  return tf.tensor(values, shape);
}
