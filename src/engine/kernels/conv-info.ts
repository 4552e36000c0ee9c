import type { tf } from '../tf';

/** Sides, channels, stride and padding of a convolution over [B,H,W,C], as computed by TensorFlow.js. */
export type ConvInfo = tf.backend_util.Conv2DInfo;

/** The convolutions that these kernels compute; larger filters would unroll into very long shaders. */
export function supportsConv(info: ConvInfo): boolean {
  return (
    info.dataFormat === 'channelsLast' &&
    info.dilationHeight === 1 &&
    info.dilationWidth === 1 &&
    info.strideHeight === info.strideWidth &&
    info.filterHeight <= 7 &&
    info.filterWidth <= 7
  );
}
