import { tf, type Tensor2D, type Tensor4D } from '../../engine/tf';

/**
 * Adaptive average pooling as PyTorch defines it: output r averages inputs floor(r*i/o) .. ceil((r+1)*i/o)-1.
 * Written as two small constant matrices, so that it is differentiable on every backend.
 * @param maps [B,H,W,C] -> [B,height,width,C]
 */
export function adaptiveAveragePool(maps: Tensor4D, height: number, width: number): Tensor4D {
  const [batch, fromHeight, fromWidth, channels] = maps.shape;
  if (fromHeight === height && fromWidth === width) return maps;
  return tf.tidy(() => {
    const rows = tf.matMul(
      poolingMatrix(height, fromHeight),
      tf.reshape(tf.transpose(maps, [1, 0, 2, 3]), [fromHeight, -1]),
    );
    const columnsFirst = tf.transpose(tf.reshape(rows, [height, batch, fromWidth, channels]), [2, 1, 0, 3]);
    const columns = tf.matMul(poolingMatrix(width, fromWidth), tf.reshape(columnsFirst, [fromWidth, -1]));
    return tf.transpose(tf.reshape(columns, [width, batch, height, channels]), [1, 2, 0, 3]) as Tensor4D;
  });
}

/** Pools the larger of two maps to the smaller one's height and width. */
export function matchSides(a: Tensor4D, b: Tensor4D): [Tensor4D, Tensor4D] {
  const height = Math.min(a.shape[1], b.shape[1]);
  const width = Math.min(a.shape[2], b.shape[2]);
  return [adaptiveAveragePool(a, height, width), adaptiveAveragePool(b, height, width)];
}

/** [to,from]: row r holds 1/n over its window. */
function poolingMatrix(to: number, from: number): Tensor2D {
  const values = new Float32Array(to * from);
  for (let row = 0; row < to; row++) {
    const start = Math.floor((row * from) / to);
    const end = Math.ceil(((row + 1) * from) / to);
    values.fill(1 / (end - start), row * from + start, row * from + end);
  }
  return tf.tensor2d(values, [to, from]);
}
