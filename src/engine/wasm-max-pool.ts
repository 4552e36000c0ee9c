import { tf } from './tf';
import type { WasmMemory } from './wasm-memory';

/**
 * Gradient of 2-D max pooling: each window's gradient goes to its first maximum (as in PyTorch). The backend's own
 * version uses index arrays and takes ten times as long.
 */
export const maxPoolGradient: tf.KernelFunc = ({ inputs, backend, attrs }) => {
  const { dy, input } = inputs as { dy: tf.TensorInfo; input: tf.TensorInfo };
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as {
    filterSize: [number, number] | number;
    strides: [number, number] | number;
    pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
    dimRoundingMode?: 'floor' | 'round' | 'ceil';
  };
  const shape = input.shape as [number, number, number, number];
  const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const memory = backend as unknown as WasmMemory;
  const output = memory.makeOutput(shape, 'float32');
  // Views are created after the allocation, which may move the heap.
  const gradient = memory.typedArrayFromHeap(output).fill(0);
  scatter(info, memory.typedArrayFromHeap(input), memory.typedArrayFromHeap(dy), gradient);
  return output;
};

function scatter(
  info: tf.backend_util.Conv2DInfo,
  x: Float32Array,
  dy: Float32Array,
  gradient: Float32Array,
): void {
  const { batchSize, inHeight, inWidth, inChannels: channels, outHeight, outWidth, padInfo } = info;
  const { strideHeight, strideWidth, effectiveFilterHeight, effectiveFilterWidth } = info;
  let at = 0;
  for (let image = 0; image < batchSize; image++)
    for (let row = 0; row < outHeight; row++) {
      const top = Math.max(row * strideHeight - padInfo.top, 0);
      const bottom = Math.min(row * strideHeight - padInfo.top + effectiveFilterHeight, inHeight);
      for (let column = 0; column < outWidth; column++) {
        const left = Math.max(column * strideWidth - padInfo.left, 0);
        const right = Math.min(column * strideWidth - padInfo.left + effectiveFilterWidth, inWidth);
        for (let channel = 0; channel < channels; channel++) {
          let best = ((image * inHeight + top) * inWidth + left) * channels + channel;
          for (let y = top; y < bottom; y++) {
            const start = (image * inHeight + y) * inWidth * channels + channel;
            for (let x0 = left; x0 < right; x0++) {
              const place = start + x0 * channels;
              if (x[place]! > x[best]!) best = place;
            }
          }
          gradient[best] = gradient[best]! + dy[at++]!;
        }
      }
    }
}
