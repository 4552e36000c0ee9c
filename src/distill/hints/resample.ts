/**
 * Changes of size. Where there is no kernel for them they are written as products with small constant matrices: differentiable
 * and exact on every backend.
 */
import { hasFused, runFused } from '../../engine/fused-ops';
import { tf, type Tensor2D, type Tensor4D } from '../../engine/tf';

/**
 * Adaptive average pooling as PyTorch defines it: output r averages inputs floor(r*i/o) .. ceil((r+1)*i/o)-1.
 * @param maps [B,H,W,C] -> [B,height,width,C]
 */
export function adaptiveAveragePool(maps: Tensor4D, height: number, width: number): Tensor4D {
  return resample(maps, height, width, false);
}

/**
 * Nearest neighbour without half-pixel centres: output r is input floor(r*i/o). (The gradient of tfjs's own op is
 * wrong on the cpu backend.)
 * @param maps [B,H,W,C] -> [B,height,width,C]
 */
export function nearestResize(maps: Tensor4D, height: number, width: number): Tensor4D {
  return resample(maps, height, width, true);
}

/** Pools the larger of two maps to the smaller one's height and width. */
export function matchSides(a: Tensor4D, b: Tensor4D): [Tensor4D, Tensor4D] {
  const height = Math.min(a.shape[1], b.shape[1]);
  const width = Math.min(a.shape[2], b.shape[2]);
  return [adaptiveAveragePool(a, height, width), adaptiveAveragePool(b, height, width)];
}

/** @param nearest whether windows are of one pixel */
function resample(maps: Tensor4D, height: number, width: number, nearest: boolean): Tensor4D {
  const [batch, fromHeight, fromWidth, channels] = maps.shape;
  if (fromHeight === height && fromWidth === width) return maps;
  if (hasFused('RetortResample'))
    return runFused('RetortResample', { x: maps }, { height, width, nearest })[0] as Tensor4D;
  return tf.tidy(() => {
    const lines = tf.reshape(tf.transpose(maps, [1, 0, 2, 3]), [fromHeight, -1]) as Tensor2D;
    const rows = tf.matMul(meanMatrix(height, fromHeight, nearest), lines);
    const turned = tf.transpose(tf.reshape(rows, [height, batch, fromWidth, channels]), [2, 1, 0, 3]);
    const columns = tf.matMul(
      meanMatrix(width, fromWidth, nearest),
      tf.reshape(turned, [fromWidth, -1]) as Tensor2D,
    );
    return tf.transpose(tf.reshape(columns, [width, batch, height, channels]), [1, 2, 0, 3]) as Tensor4D;
  });
}

/** [to,from]: row r holds 1/n over its window. */
function meanMatrix(to: number, from: number, nearest: boolean): Tensor2D {
  const values = new Float32Array(to * from);
  for (let row = 0; row < to; row++) {
    const start = Math.floor((row * from) / to);
    const end = nearest ? start + 1 : Math.ceil(((row + 1) * from) / to);
    values.fill(1 / (end - start), row * from + start, row * from + end);
  }
  return tf.tensor2d(values, [to, from]);
}
