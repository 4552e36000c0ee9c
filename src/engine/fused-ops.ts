import { tf } from './tf';

/**
 * Ops that are a single kernel on WebGPU, and most of them on WebAssembly. They are registered with TensorFlow.js like its own ops, with gradients.
 * Unlike custom gradients, they can have several outputs, and compute gradients only on demand.
 */
export type FusedOp =
  | 'RetortBatchNorm'
  | 'RetortNormalise'
  | 'RetortGroupedConv'
  | 'RetortDense'
  | 'RetortRelu'
  | 'RetortGlobalAverage'
  | 'RetortCrossEntropy'
  | 'RetortMeanCrossEntropy'
  | 'RetortTemperatureKl'
  | 'RetortColumns'
  | 'RetortWeightedLosses'
  | 'RetortObjective'
  | 'RetortSquaredDistance'
  | 'RetortPickedProducts'
  | 'RetortResample'
  | 'RetortAttention';

/** What some of them are told beside their inputs. */
export interface Attributes {
  /** Attention: the exponent. */
  p: number;
  /** Batch norm on WebAssembly: whether a ReLU follows in the same kernel. */
  relu?: boolean;
  /** Resampling: sides of the result, and whether it takes the nearest pixel in place of a window's mean. */
  height?: number;
  width?: number;
  nearest?: boolean;
}

/** Whether the active backend has this fused op. */
export function hasFused(op: FusedOp): boolean {
  return tf.getKernel(op, tf.getBackend()) !== undefined;
}

/** Whether WebGPU is active with all fused ops, and with it what only its shaders compute. */
export function isFusedOnWebgpu(): boolean {
  return tf.getBackend() === 'webgpu' && hasFused('RetortRelu');
}

/** Runs a fused op; only where `hasFused`. Inputs must be stored as float32 (see `floatOf`). */
export function runFused(
  op: FusedOp,
  inputs: Record<string, tf.Tensor>,
  attributes: Partial<Attributes> = {},
): tf.Tensor[] {
  const result: tf.Tensor | tf.Tensor[] = tf.engine().runKernel(op, inputs, attributes as tf.NamedAttrMap);
  return Array.isArray(result) ? result : [result];
}

/**
 * The same numbers in a float32 buffer. On WebGPU, after a cast from int32 or bool (one-hot labels), and after some ops
 * on the result, the device still stores integers. Belongs to the surrounding tidy.
 */
export function floatOf(x: tf.Tensor): tf.Tensor {
  const backend = tf.backend() as tf.KernelBackend & { storageType?(x: tf.Tensor): tf.DataType };
  if (!backend.storageType) return x.dtype === 'float32' ? x : tf.cast(x, 'float32');
  return backend.storageType(x) === 'float32' ? x : tf.mul(tf.cast(x, 'float32'), tf.scalar(1));
}
