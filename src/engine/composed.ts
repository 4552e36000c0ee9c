/**
 * The op table over tensors, composed of TensorFlow.js ops. It runs on any backend and is the reference for faster
 * tables.
 */
import { batchNormEvaluation, batchNormTraining } from './batch-norm';
import { globalAverage } from './channelwise';
import { groupedConv } from './grouped-conv';
import type {
  ConvOptions,
  DenseOptions,
  DepthwiseOptions,
  DropoutOptions,
  PictureOps,
  WeightRounding,
} from './ops';
import { roundedActivation, roundedWeights } from './quantise';
import { tf } from './tf';

export interface TensorOpsOptions {
  /** The parameter of this name, in the layouts of `ops.ts`. */
  weights: (name: string) => tf.Tensor;
  /** `${layer}.running_mean` and `${layer}.running_var`; requested in evaluation only. */
  statistics: (name: string) => tf.Tensor;
  /** Batch statistics (true) or running statistics (false) in batch normalisation. */
  training: boolean;
  /**
   * The factors of the dropout layer `name` in training: 0 or 1/(1 - rate) [B,...], for at least as many images as
   * the pass has. Without it nothing is dropped.
   */
  dropout?: (name: string) => tf.Tensor;
  /**
   * Receives the batch mean and the unbiased batch variance of the layer `name` in training. Both outlive the
   * surrounding tidy; the receiver disposes them. They are constants: no gradient flows through them, so a loss of
   * batch statistics must compute moments of the trace's maps instead.
   */
  observe?: (name: string, mean: tf.Tensor1D, variance: tf.Tensor1D) => void;
}

export class TensorOps implements PictureOps<tf.Tensor> {
  protected readonly options: TensorOpsOptions;

  constructor(options: TensorOpsOptions) {
    this.options = options;
  }

  shapeOf(x: tf.Tensor): readonly number[] {
    return x.shape.slice(1);
  }

  conv(x: tf.Tensor, options: ConvOptions): tf.Tensor {
    const { name, stride = 1, padding = 0, bias = false, groups = 1 } = options;
    const kernel = this.kernel(options) as tf.Tensor4D;
    if (groups > 1) return this.groupedConv(x as tf.Tensor4D, kernel, groups);
    const product = tf.conv2d(x as tf.Tensor4D, kernel, stride, padding);
    return bias ? tf.add(product, this.options.weights(`${name}.bias`)) : product;
  }

  depthwiseConv(x: tf.Tensor, options: DepthwiseOptions): tf.Tensor {
    const { stride = 1, padding = 0 } = options;
    const kernel = this.kernel(options);
    const [height, width, , channels] = kernel.shape as [number, number, number, number];
    const filter = tf.reshape(kernel, [height, width, channels, 1]);
    return tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, padding);
  }

  convTranspose(
    x: tf.Tensor,
    { name, kernel: size, stride = 1, padding = 0, outputPadding = 0, filters, bias = false }: ConvOptions,
  ): tf.Tensor {
    const kernel = this.options.weights(`${name}.weight`) as tf.Tensor4D;
    const [batch, height, width] = x.shape as [number, number, number, number];
    const grown = (side: number) => (side - 1) * stride - 2 * padding + size + outputPadding;
    const product = tf.conv2dTranspose(
      x as tf.Tensor4D,
      kernel,
      [batch, grown(height), grown(width), filters],
      stride,
      padding,
    );
    return bias ? tf.add(product, this.options.weights(`${name}.bias`)) : product;
  }

  batchNorm(x: tf.Tensor, name: string): tf.Tensor {
    const { weights, statistics, training, observe } = this.options;
    const scale = weights(`${name}.weight`);
    const offset = weights(`${name}.bias`);
    if (!training) {
      const mean = statistics(`${name}.running_mean`);
      return batchNormEvaluation(x, scale, offset, mean, statistics(`${name}.running_var`));
    }
    return batchNormTraining(
      x,
      scale,
      offset,
      observe && ((mean, variance) => observe(name, mean, variance)),
    );
  }

  batchNormRelu(x: tf.Tensor, name: string): tf.Tensor {
    return tf.relu(this.batchNorm(x, name));
  }

  relu(x: tf.Tensor): tf.Tensor {
    return tf.relu(x);
  }

  roundedRelu(x: tf.Tensor, bits: number): tf.Tensor {
    return roundedActivation(x, bits);
  }

  clippedRelu(x: tf.Tensor, limit: number): tf.Tensor {
    return tf.clipByValue(x, 0, limit);
  }

  elu(x: tf.Tensor): tf.Tensor {
    return tf.elu(x);
  }

  dropout(x: tf.Tensor, { name }: DropoutOptions): tf.Tensor {
    const { training, dropout } = this.options;
    if (!training || !dropout) return x;
    const factors = dropout(name);
    const [images] = x.shape as [number];
    return tf.mul(x, factors.shape[0] === images ? factors : tf.slice(factors, 0, images));
  }

  add(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
    return tf.add(a, b);
  }

  maxPool(x: tf.Tensor, size: number, stride: number, padding = 0): tf.Tensor {
    return tf.maxPool(x as tf.Tensor4D, size, stride, padding);
  }

  averagePool(x: tf.Tensor, size: number, stride: number, padding: number): tf.Tensor {
    // As a depthwise convolution: TensorFlow.js excludes padding from its means, and including it takes several ops.
    const filter = tf.fill<tf.Rank.R4>([size, size, x.shape.at(-1)!, 1], 1 / size ** 2);
    return tf.depthwiseConv2d(x as tf.Tensor4D, filter, stride, padding);
  }

  globalAveragePool(x: tf.Tensor): tf.Tensor {
    return globalAverage(x as tf.Tensor4D);
  }

  split(x: tf.Tensor, channels: readonly number[]): tf.Tensor[] {
    return tf.split(x, [...channels], -1);
  }

  shuffle(x: tf.Tensor, groups: number): tf.Tensor {
    const channels = x.shape.at(-1)!;
    const grouped = tf.reshape(x, [x.size / channels, groups, channels / groups]);
    return tf.reshape(tf.transpose(grouped, [0, 2, 1]), x.shape);
  }

  dense(x: tf.Tensor, options: DenseOptions): tf.Tensor {
    const product = tf.matMul(x as tf.Tensor2D, this.kernel(options) as tf.Tensor2D);
    return tf.add(product, this.options.weights(`${options.name}.bias`));
  }

  flatten(x: tf.Tensor): tf.Tensor {
    return tf.reshape(x, [x.shape[0]!, -1]);
  }

  asMap(x: tf.Tensor): tf.Tensor {
    return tf.reshape(x, [x.shape[0]!, 1, 1, x.shape[1]!]);
  }

  concat(parts: readonly tf.Tensor[]): tf.Tensor {
    return parts.length === 1 ? parts[0]! : tf.concat([...parts], -1);
  }

  blend(x: tf.Tensor, matrix: readonly (readonly number[])[]): tf.Tensor {
    const fixed = tf.tensor2d(matrix.flat(), [matrix.length, matrix[0]!.length]);
    return tf.matMul(x as tf.Tensor2D, fixed);
  }

  softmax(x: tf.Tensor): tf.Tensor {
    return tf.softmax(x);
  }

  leakyRelu(x: tf.Tensor, slope: number): tf.Tensor {
    return tf.sub(this.relu(x), tf.mul(this.relu(tf.neg(x)), slope));
  }

  sigmoid(x: tf.Tensor): tf.Tensor {
    return tf.sigmoid(x);
  }

  enlarge(x: tf.Tensor): tf.Tensor {
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    // By concatenation, whose gradient every backend has.
    const columns = tf.reshape(x, [batch * height * width, 1, channels]);
    const rows = tf.reshape(tf.concat([columns, columns], 1), [batch * height, 1, 2 * width * channels]);
    return tf.reshape(tf.concat([rows, rows], 1), [batch, 2 * height, 2 * width, channels]);
  }

  asPlaces(x: tf.Tensor, shape: readonly [number, number, number]): tf.Tensor {
    return tf.reshape(x, [x.shape[0]!, ...shape]);
  }

  sumOverPlaces(x: tf.Tensor): tf.Tensor {
    return tf.mul(this.globalAveragePool(x), x.shape[1]! * x.shape[2]!);
  }

  innerProduct(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
    return tf.sum(tf.mul(a, b), -1, true);
  }

  groupNorm(x: tf.Tensor, { name, groups }: { name: string; groups: number }): tf.Tensor {
    const { weights } = this.options;
    const grouped = tf.reshape(x, [x.shape[0]!, groups, -1]);
    const centred = tf.sub(grouped, tf.mean(grouped, -1, true));
    const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), -1, true), 1e-5));
    const normalised = tf.reshape(tf.div(centred, deviation), x.shape);
    return tf.add(tf.mul(normalised, weights(`${name}.weight`)), weights(`${name}.bias`));
  }

  /** A layer's kernel as it is used. */
  protected kernel({ name, rounding }: { name: string; rounding?: WeightRounding }): tf.Tensor {
    const kernel = this.options.weights(`${name}.weight`);
    return rounding ? roundedWeights(kernel, rounding) : kernel;
  }

  /** Grouped 1x1 convolution: x [B,H,W,C], kernel [1,1,C/groups,out] -> [B,H,W,out]. */
  protected groupedConv(x: tf.Tensor4D, kernel: tf.Tensor4D, groups: number): tf.Tensor4D {
    return groupedConv(x, kernel, groups);
  }
}
