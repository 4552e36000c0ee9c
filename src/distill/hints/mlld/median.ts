import { tf, type Tensor, type Tensor1D } from '../../../engine/tf';

/**
 * 1 where a value is at most the median, else 0. The median of an even count is the middle of the two middle values.
 * Each value's rank is counted by comparing it with all others: without sorting, which not every backend can do.
 * @param values [n], constant
 * @returns [n]
 */
export function notAboveMedian(values: Tensor): Tensor1D {
  return tf.tidy(() => {
    const n = values.size;
    const [rows, columns] = [tf.reshape(values, [n, 1]), tf.reshape(values, [1, n])];
    const below = tf.step(tf.sub(rows, columns));
    const equal = tf.sub(1, tf.step(tf.abs(tf.sub(rows, columns))));
    // Equal values take neighbouring ranks in their order.
    const index = tf.range(0, n);
    const order = tf.sub(tf.reshape(index, [n, 1]), tf.reshape(index, [1, n]));
    const earlier = tf.mul(equal, tf.step(tf.add(order, 0.5)));
    const rank = tf.sub(tf.sum(tf.add(below, earlier), 1), 1);
    const atRank = (r: number) => tf.sum(tf.mul(values, tf.sub(1, tf.step(tf.abs(tf.sub(rank, r))))));
    const median = tf.div(tf.add(atRank(Math.floor((n - 1) / 2)), atRank(Math.ceil((n - 1) / 2))), 2);
    return tf.sub(1, tf.step(tf.sub(values, median)));
  });
}
