/**
 * Gradients of depthwise convolutions, which the wasm backend lacks. The input's gradient is composed of fast
 * kernels. The filter's has no fast composition (the nearest, a depthwise convolution with dy as its filter, takes
 * twice as long), so it is a loop.
 */
import { mirrored } from './mirror';
import { tf } from './tf';
import type { WasmMemory } from './wasm-memory';

type ConvInfo = tf.backend_util.Conv2DInfo;

/**
 * dy [B,h,w,C], filter [k,k,C,1] -> [B,H,W,C]: a depthwise convolution of dy, with zeros inserted for the stride,
 * with the rotated filter.
 */
export function depthwiseInputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, info: ConvInfo): tf.Tensor {
  const { batchSize, inHeight, inWidth, inChannels, padInfo, strideHeight, strideWidth } = info;
  const rows = edges(info.filterHeight, padInfo.top, info.outHeight * strideHeight, inHeight);
  const columns = edges(info.filterWidth, padInfo.left, info.outWidth * strideWidth, inWidth);
  return tf.tidy(() => {
    const padding = [[0, 0], rows.padding, columns.padding, [0, 0]] as tf.backend_util.ExplicitPadding;
    const full = tf.depthwiseConv2d(spread(dy, strideHeight, strideWidth), mirrored(filter), 1, padding);
    if (full.shape[1] === inHeight && full.shape[2] === inWidth) return full;
    return tf.slice(full, [0, rows.start, columns.start, 0], [batchSize, inHeight, inWidth, inChannels]);
  });
}

/** Along one axis: the padding of dy, and the offset of the image in the result. */
function edges(kernel: number, before: number, dySide: number, side: number) {
  const first = Math.max(kernel - 1 - before, 0);
  const start = first - (kernel - 1 - before);
  const last = Math.max(start + side - 1 + kernel - first - dySide, 0);
  return { padding: [first, last] as [number, number], start };
}

/** [B,h,w,C] -> [B,h*rows,w*columns,C]: inserts zeros after each pixel, to the right and below. */
function spread(x: tf.Tensor4D, rows: number, columns: number): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const wide = withZeros(tf.reshape(x, [batch * height * width, channels]), columns - 1);
  const long = withZeros(tf.reshape(wide, [batch * height, width * columns * channels]), rows - 1);
  return tf.reshape(long, [batch, height * rows, width * columns, channels]);
}

/** [n,size] -> [n,size*(1+times)] */
function withZeros(x: tf.Tensor2D, times: number): tf.Tensor2D {
  return times === 0 ? x : tf.concat([x, tf.zeros([x.shape[0], x.shape[1] * times])], 1);
}

/** x [B,H,W,C], dy [B,h,w,C] -> [k,k,C,1] */
export function depthwiseFilterGradient(
  memory: WasmMemory,
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  info: ConvInfo,
): tf.TensorInfo {
  const { padInfo, inHeight, inWidth, filterHeight, filterWidth } = info;
  // Sums three taps of a filter row at a time; taps beyond the filter read columns of zeros.
  const taps = 3 * Math.ceil(filterWidth / 3);
  const height = Math.max((info.outHeight - 1) * info.strideHeight + filterHeight, padInfo.top + inHeight);
  const width = Math.max((info.outWidth - 1) * info.strideWidth + taps, padInfo.left + inWidth);
  const padded = tf.pad(x, [
    [0, 0],
    [padInfo.top, height - padInfo.top - inHeight],
    [padInfo.left, width - padInfo.left - inWidth],
    [0, 0],
  ]);
  const output = memory.makeOutput(info.filterShape, 'float32');
  // Views are created after the allocations, which may move the heap.
  const gradient = memory.typedArrayFromHeap(output).fill(0);
  sumProducts(
    info,
    [height, width],
    memory.typedArrayFromHeap(padded),
    memory.typedArrayFromHeap(dy),
    gradient,
  );
  padded.dispose();
  return output;
}

/** @param sides height and width of the padded x */
function sumProducts(
  info: ConvInfo,
  [height, width]: [number, number],
  x: Float32Array,
  dy: Float32Array,
  gradient: Float32Array,
): void {
  const { batchSize, outHeight, outWidth, inChannels: channels, filterHeight, filterWidth } = info;
  const [rowStep, columnStep] = [info.strideHeight * width * channels, info.strideWidth * channels];
  for (let image = 0; image < batchSize; image++)
    for (let channel = 0; channel < channels; channel++)
      for (let ky = 0; ky < filterHeight; ky++)
        for (let kx = 0; kx < filterWidth; kx += 3) {
          let [first, second, third] = [0, 0, 0];
          let row = ((image * height + ky) * width + kx) * channels + channel;
          let at = image * outHeight * outWidth * channels + channel;
          for (let y = 0; y < outHeight; y++, row += rowStep) {
            let place = row;
            for (let column = 0; column < outWidth; column++, place += columnStep, at += channels) {
              const slope = dy[at]!;
              first += x[place]! * slope;
              second += x[place + channels]! * slope;
              third += x[place + 2 * channels]! * slope;
            }
          }
          const to = (ky * filterWidth + kx) * channels + channel;
          gradient[to] = gradient[to]! + first;
          if (kx + 1 < filterWidth) gradient[to + channels] = gradient[to + channels]! + second;
          if (kx + 2 < filterWidth) gradient[to + 2 * channels] = gradient[to + 2 * channels]! + third;
        }
}
