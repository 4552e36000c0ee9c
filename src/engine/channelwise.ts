/**
 * Per-channel means and scalings, of which batch norm consists, in the fastest form for each backend.
 *
 * The obvious ops are slow in TensorFlow.js: a reduction over the outer axes transposes first (wasm) or waits at
 * barriers (WebGPU), and broadcasting a channel vector proceeds one pixel at a time. Average pooling and a 1x1
 * depthwise convolution with bias compute the same and run 5 to 10 times faster on wasm.
 */
import { refuseSecondOrder } from './gradients';
import { tf } from './tf';

/** Mean over all axes but the last: [B,H,W,C] or [B,C] -> [C]. For use inside custom ops. */
export function channelMeans(x: tf.Tensor): tf.Tensor1D {
  const batch = x.shape[0]!;
  const channels = x.shape.at(-1)!;
  const perImage = x.rank === 4 ? averagePlaces(x as tf.Tensor4D) : (x as tf.Tensor2D);
  return tf.reshape(tf.matMul(tf.fill([1, batch], 1 / batch), perImage), [channels]);
}

/**
 * x * scale + offset with one factor and one summand per channel. For use inside custom ops: not differentiable on
 * every backend, unlike `affine`.
 * @param x [B,H,W,C] or [B,C]
 */
export function scaleChannels(x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor {
  const channels = x.shape.at(-1)!;
  const map = x.rank === 4 ? x : tf.reshape(x, [x.shape[0]!, 1, 1, channels]);
  const scaled = tf.fused.depthwiseConv2d({
    x: map as tf.Tensor4D,
    filter: tf.reshape(scale, [1, 1, channels, 1]),
    strides: 1,
    pad: 'valid',
    bias: offset,
  });
  return tf.reshape(scaled, x.shape);
}

/**
 * x * scale + offset per channel, differentiable in all three.
 * @param x [B,H,W,C] or [B,C]
 * @param scale [C]
 * @param offset [C]
 */
export function affine(x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor {
  const op = tf.customGrad((...inputs) => {
    const [map, factor, summand, save] = inputs as unknown as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      (tensors: tf.Tensor[]) => void,
    ];
    save([map, factor]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      refuseSecondOrder('Scaling per channel');
      const [input, slope] = saved as [tf.Tensor, tf.Tensor];
      const count = dy.size / slope.size;
      return [
        scaleChannels(dy, slope, tf.zerosLike(slope)),
        tf.mul(channelMeans(tf.mul(dy, input)), count),
        tf.mul(channelMeans(dy), count),
      ];
    };
    return { value: scaleChannels(map, factor, summand), gradFunc };
  });
  return op(x, scale, offset);
}

/** Mean over the positions of a map: [B,H,W,C] -> [B,C]. Differentiable. */
export function globalAverage(x: tf.Tensor4D): tf.Tensor2D {
  const [batch, height, width, channels] = x.shape;
  const op = tf.customGrad((map) => ({
    value: averagePlaces(map as tf.Tensor4D),
    gradFunc: (dy: tf.Tensor) => {
      const share = tf.reshape(tf.div(dy, height * width), [batch, 1, 1, channels]);
      return tf.mul(share, tf.ones(x.shape));
    },
  }));
  return op(x) as tf.Tensor2D;
}

/** [B,H,W,C] -> [B,C]. */
function averagePlaces(x: tf.Tensor4D): tf.Tensor2D {
  const [batch, height, width, channels] = x.shape;
  return tf.reshape(tf.avgPool(x, [height, width], 1, 'valid'), [batch, channels]);
}
