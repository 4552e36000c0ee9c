/**
 * Kernels that the wasm backend lacks or has only in slow forms, composed of its fast ones (XNNPACK's convolution,
 * slices, transposes). Without the first, wasm cannot train at all; the stock forms of the others made a training
 * step several times slower than its forward pass.
 */
import { mirrored } from './mirror';
import { tf } from './tf';
import { depthwiseFilterGradient, depthwiseInputGradient } from './wasm-depthwise';
import { maxPoolGradient } from './wasm-max-pool';
import type { WasmMemory } from './wasm-memory';

interface ConvAttributes {
  strides: [number, number] | number;
  pad: tf.backend_util.ExplicitPadding | 'valid' | 'same' | number;
  dataFormat: 'NHWC' | 'NCHW';
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Registers the kernels. Call once, after the wasm backend's own kernels have been registered. */
export function registerWasmKernels(): void {
  register('Conv2DBackpropFilter', ({ inputs, attrs }) => {
    const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
    const attributes = attrs as unknown as ConvAttributes & { filterShape: Shape4D };
    return filterGradient(x, dy, convInfo(x.shape, attributes.filterShape, attributes));
  });
  register('Conv2DBackpropInput', ({ inputs, attrs }) => {
    const { dy, filter } = inputs as unknown as { dy: tf.Tensor4D; filter: tf.Tensor4D };
    const attributes = attrs as unknown as ConvAttributes & { inputShape: Shape4D };
    return inputGradient(dy, filter, convInfo(attributes.inputShape, filter.shape, attributes));
  });
  register('DepthwiseConv2dNativeBackpropInput', ({ inputs, attrs }) => {
    const { dy, filter } = inputs as unknown as { dy: tf.Tensor4D; filter: tf.Tensor4D };
    const attributes = attrs as unknown as ConvAttributes & { inputShape: Shape4D };
    return depthwiseInputGradient(dy, filter, depthwiseInfo(attributes.inputShape, filter.shape, attributes));
  });
  register('DepthwiseConv2dNativeBackpropFilter', ({ inputs, attrs, backend }) => {
    const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
    const attributes = attrs as unknown as ConvAttributes & { filterShape: Shape4D };
    const info = depthwiseInfo(x.shape, attributes.filterShape, attributes);
    return depthwiseFilterGradient(backend as unknown as WasmMemory, x, dy, info);
  });
  register('MaxPoolGrad', maxPoolGradient);
}

function register(kernelName: string, kernelFunc: tf.KernelFunc): void {
  if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
}

type Shape4D = [number, number, number, number];
type ConvInfo = tf.backend_util.Conv2DInfo;

function convInfo(
  inputShape: Shape4D,
  filterShape: Shape4D,
  { strides, pad, dataFormat, dimRoundingMode }: ConvAttributes,
): ConvInfo {
  if (dataFormat === 'NCHW') throw new Error('Convolutions are in NHWC order only.');
  return tf.backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode);
}

function depthwiseInfo(
  inputShape: Shape4D,
  filterShape: Shape4D,
  { strides, pad, dimRoundingMode }: ConvAttributes,
): ConvInfo {
  if (filterShape[3] !== 1) throw new Error('Depthwise convolutions have one filter per channel.');
  return tf.backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode, true);
}

/**
 * The gradient of a convolution's kernel is itself a convolution with images and channels exchanged: each input
 * channel becomes an image whose channels are the batch, the gradient of the output becomes the kernel, and the
 * stride becomes its dilation.
 */
function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, info: ConvInfo): tf.Tensor {
  const { padInfo, strideHeight, strideWidth, filterHeight, filterWidth, inChannels, outChannels } = info;
  return tf.tidy(() => {
    const product = tf.conv2d(
      tf.transpose(x, [3, 1, 2, 0]),
      tf.transpose(dy, [1, 2, 0, 3]) as tf.Tensor4D,
      1,
      [
        [0, 0],
        [padInfo.top, padInfo.bottom],
        [padInfo.left, padInfo.right],
        [0, 0],
      ],
      'NHWC',
      [strideHeight, strideWidth],
    );
    // Rows or columns that the stride does not reach give offsets beyond the kernel.
    const kernel = tf.slice(product, [0, 0, 0, 0], [inChannels, filterHeight, filterWidth, outChannels]);
    return tf.transpose(kernel, [1, 2, 0, 3]);
  });
}

/**
 * The gradient of a convolution's input (and so the transposed convolution): pixels fall into stride x stride phases,
 * each of which is a plain convolution of dy with every stride-th tap of the rotated kernel. One convolution computes
 * the phases of a row as neighbouring channels, which is their order in memory; rows are interleaved by a
 * concatenation.
 */
function inputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, info: ConvInfo): tf.Tensor {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, strideHeight, strideWidth } = info;
  const rows = phases(info.filterHeight, strideHeight, outHeight, inHeight, info.padInfo.top);
  const columns = phases(info.filterWidth, strideWidth, outWidth, inWidth, info.padInfo.left);
  const taps = columns.taps * strideWidth;
  return tf.tidy(() => {
    const padded = tf.pad(filter, [
      [0, rows.taps * strideHeight - info.filterHeight],
      [0, taps - info.filterWidth],
      [0, 0],
      [0, 0],
    ]);
    const byPhase = tf.reshape(padded, [rows.taps, strideHeight, columns.taps, strideWidth * inChannels, -1]);
    const parts = Array.from({ length: strideHeight }, (_, phase) => {
      const kernel = tf.squeeze<tf.Tensor4D>(tf.slice(byPhase, [0, phase], [-1, 1]), [1]);
      const turned = tf.transpose(mirrored(kernel), [0, 1, 3, 2]);
      const part = tf.conv2d(dy, turned, 1, [[0, 0], rows.padding, columns.padding, [0, 0]]);
      const [, height, width] = part.shape;
      return tf.reshape(part, [batchSize, height, 1, width * strideWidth * inChannels]);
    });
    const joined = parts.length === 1 ? parts[0]! : tf.concat(parts, 2);
    const height = joined.shape[1]! * strideHeight;
    const full = tf.reshape(joined, [batchSize, height, -1, inChannels]);
    if (full.shape[1] === inHeight && full.shape[2] === inWidth) return full;
    return tf.slice(full, [0, rows.start, columns.start, 0], [batchSize, inHeight, inWidth, inChannels]);
  });
}

/** Along one axis of the image: the padding of the phase convolutions and the offset of the image in their result. */
function phases(kernel: number, stride: number, dySide: number, side: number, before: number) {
  const taps = Math.ceil(kernel / stride);
  // Pixel y of the image is pixel y + before of the padded image, which is phase (y + before) % stride of row
  // (y + before) / stride in a convolution of dy padded by taps - 1.
  const firstRow = Math.floor(before / stride);
  const rowsEnd = Math.ceil((before + side) / stride);
  const top = Math.max(taps - 1 - firstRow, 0);
  const origin = taps - 1 - top;
  const bottom = Math.max(rowsEnd - origin + taps - 1 - dySide - top, 0);
  return { taps, padding: [top, bottom] as [number, number], start: before - origin * stride };
}
