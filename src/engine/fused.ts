/** The op table for WebGPU, with fused ops for the most expensive ops of the composed table. */
import { TensorOps, type TensorOpsOptions } from './composed';
import { floatOf, isFused, runFused } from './fused-ops';
import type { DenseOptions, PictureOps } from './ops';
import { tf } from './tf';

/** The fastest op table of the active backend. */
export function opsOverTensors(options: TensorOpsOptions): PictureOps<tf.Tensor> {
  return isFused() ? new FusedOps(options) : new TensorOps(options);
}

export class FusedOps extends TensorOps {
  override batchNorm(x: tf.Tensor, name: string): tf.Tensor {
    const { weights, statistics, training, observe } = this.options;
    const parameters = { scale: weights(`${name}.weight`), offset: weights(`${name}.bias`) };
    if (!training) {
      const mean = statistics(`${name}.running_mean`);
      const variance = statistics(`${name}.running_var`);
      return runFused('RetortNormalise', { x, ...parameters, mean, variance })[0]!;
    }
    const [y, , mean, unbiased] = runFused('RetortBatchNorm', { x, ...parameters });
    observe?.(name, tf.keep(mean as tf.Tensor1D), tf.keep(unbiased as tf.Tensor1D));
    return y!;
  }

  override batchNormRelu(x: tf.Tensor, name: string): tf.Tensor {
    return this.relu(this.batchNorm(x, name));
  }

  override relu(x: tf.Tensor): tf.Tensor {
    return runFused('RetortRelu', { x })[0]!;
  }

  override globalAveragePool(x: tf.Tensor): tf.Tensor {
    return runFused('RetortGlobalAverage', { x })[0]!;
  }

  override dense(x: tf.Tensor, options: DenseOptions): tf.Tensor {
    return runFused('RetortDense', {
      x: floatOf(x),
      kernel: this.kernel(options),
      bias: this.options.weights(`${options.name}.bias`),
    })[0]!;
  }

  protected override groupedConv(x: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor4D {
    return runFused('RetortGroupedConv', { x, kernel })[0] as tf.Tensor4D;
  }
}
