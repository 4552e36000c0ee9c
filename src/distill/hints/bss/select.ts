/** Which images are moved, and towards which class: plain ops on constants, of fixed shapes. */
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';

export interface BaseImages {
  /** [n] int32, rows of the batch; the largest difference first where there are more than n, else in the batch's order */
  index: Tensor1D;
  /** [n] 1 for images that both networks get right, 0 for rows that only fill up */
  valid: Tensor1D;
}

/** One-hot of the highest logit, [B,C]. */
export function topClass(logits: Tensor): Tensor2D {
  const classes = logits.shape[1]!;
  return tf.cast(tf.oneHot(tf.argMax(logits, 1), classes), 'float32') as Tensor2D;
}

/**
 * Images that both networks get right; of more than `most` those with the largest squared difference of the probabilities
 * of the other classes. Source: Heo et al. 2019, the authors' code.
 * @param student logits [B,C] @param teacher logits [B,C] @param target one-hot [B,C] @param most at most B
 */
export function baseImages(student: Tensor, teacher: Tensor, target: Tensor2D, most: number): BaseImages {
  return tf.tidy(() => {
    const right = (logits: Tensor) => tf.sum(tf.mul(topClass(logits), target), 1);
    const candidates = tf.mul(right(student), right(teacher));
    const apart = tf.squaredDifference(tf.softmax(teacher as Tensor2D), tf.softmax(student as Tensor2D));
    const difference = tf.sum(tf.mul(apart, tf.sub(1, target)), 1);
    const inOrder = tf.range(student.shape[0]!, 0, -1);
    const tooMany = tf.step(tf.sub(tf.sum(candidates), most));
    const key = tf.add(tf.mul(difference, tooMany), tf.mul(inOrder, tf.sub(1, tooMany)));
    // Below all candidates, whose keys are not negative.
    const found = tf.topk(tf.add(tf.mul(candidates, key), tf.sub(candidates, 1)), most);
    return {
      index: tf.cast(found.indices, 'int32') as Tensor1D,
      valid: tf.step(tf.add(found.values, 0.5)) as Tensor1D,
    };
  });
}

/**
 * A class for each image, drawn with the teacher's probabilities of all but its top class.
 * @param teacher logits [n,C] @param uniform [n] in 0..1
 * @returns one-hot [n,C]. Source: Heo et al. 2019, the authors' code.
 */
export function drawnClasses(teacher: Tensor, uniform: Tensor): Tensor2D {
  return tf.tidy(() => {
    const [images, classes] = teacher.shape as [number, number];
    const { values, indices } = tf.topk(tf.softmax(teacher as Tensor2D), classes);
    const others = tf.slice(values, [0, 1], [images, classes - 1]);
    const upTo = tf.cumsum(others, 1);
    const whole = tf.slice(upTo, [0, classes - 2], [images, 1]);
    const wanted = tf.mul(whole, tf.expandDims(uniform, 1));
    // The first place whose sum reaches what is wanted; rounding may leave even the last one below it.
    const before = tf.minimum(tf.sum(tf.step(tf.sub(wanted, upTo)), 1), classes - 2);
    const place = tf.oneHot(tf.cast(tf.add(before, 1), 'int32'), classes);
    const byPlace = tf.oneHot(tf.cast(indices, 'int32'), classes);
    return tf.sum(tf.mul(tf.cast(byPlace, 'float32'), tf.expandDims(tf.cast(place, 'float32'), 2)), 1);
  });
}
