/** The op table for WebGPU and WebAssembly, with fused ops for the most expensive ops of the composed table. */
import { TensorOps, type TensorOpsOptions } from './composed';
import { floatOf, hasFused, isFusedOnWebgpu, runFused } from './fused-ops';
import type { DenseOptions, PictureOps } from './ops';
import { tf } from './tf';

/** The fastest op table of the active backend. */
export function opsOverTensors(options: TensorOpsOptions): PictureOps<tf.Tensor> {
  return hasFused('RetortRelu') ? new FusedOps(options) : new TensorOps(options);
}

export class FusedOps extends TensorOps {
  override batchNorm(x: tf.Tensor, name: string): tf.Tensor {
    return this.normalised(x, name, false);
  }

  override batchNormRelu(x: tf.Tensor, name: string): tf.Tensor {
    // On WebGPU a ReLU joins the kernel before it by itself.
    return isFusedOnWebgpu() ? this.relu(this.batchNorm(x, name)) : this.normalised(x, name, true);
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

  protected override groupedConv(x: tf.Tensor4D, kernel: tf.Tensor4D, groups: number): tf.Tensor4D {
    if (!hasFused('RetortGroupedConv')) return super.groupedConv(x, kernel, groups);
    return runFused('RetortGroupedConv', { x, kernel })[0] as tf.Tensor4D;
  }

  /** @param relu whether a ReLU follows in the same kernel */
  private normalised(x: tf.Tensor, name: string, relu: boolean): tf.Tensor {
    const { weights, statistics, training, observe } = this.options;
    const parameters = { scale: weights(`${name}.weight`), offset: weights(`${name}.bias`) };
    if (!training) {
      const mean = statistics(`${name}.running_mean`);
      const variance = statistics(`${name}.running_var`);
      return runFused('RetortNormalise', { x, ...parameters, mean, variance }, { relu })[0]!;
    }
    const [y, , mean, unbiased] = runFused('RetortBatchNorm', { x, ...parameters }, { relu });
    observe?.(name, tf.keep(mean as tf.Tensor1D), tf.keep(unbiased as tf.Tensor1D));
    return y!;
  }
}
