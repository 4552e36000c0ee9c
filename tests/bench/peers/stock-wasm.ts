/** TensorFlow.js's WebAssembly backend as it comes, with the one kernel without which it cannot train convolutions. */
import '@tensorflow/tfjs-backend-wasm';
import { tf } from '../../../src/engine/tf';
import { pointToBinary } from '../../support/wasm-in-node';

/** Makes it the active backend; our kernels are never registered in this process. */
export async function asStockWasm(): Promise<void> {
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  pointToBinary();
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
      const { filterShape, strides, pad } = attrs as unknown as ConvAttributes;
      return filterGradient(x, dy, tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad));
    },
  });
  if (!(await tf.setBackend('wasm'))) throw new Error('The WebAssembly backend did not start in Node.');
}

interface ConvAttributes {
  filterShape: [number, number, number, number];
  strides: [number, number] | number;
  pad: tf.backend_util.ExplicitPadding | 'valid' | 'same' | number;
}

/**
 * A convolution with images and channels exchanged, the fastest composition of the backend's own kernels: each input
 * channel becomes an image whose channels are the batch, and the stride becomes a dilation.
 */
function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, info: tf.backend_util.Conv2DInfo): tf.Tensor {
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
    const kernel = tf.slice(product, [0, 0, 0, 0], [inChannels, filterHeight, filterWidth, outChannels]);
    return tf.transpose(kernel, [1, 2, 0, 3]);
  });
}
