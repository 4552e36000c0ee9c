import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import type { HintFactory } from '../hint';
import type { rkdKnobs } from './about';
import { relationView } from '../method-views';
import { vectorsIn } from '../vectors';

/** 0.5 d^2 below 1, |d| - 0.5 above: written with a clip, since comparisons have no gradient. */
function huber(a: Tensor, b: Tensor): Tensor {
  const distance = tf.abs(tf.sub(a, b));
  const inner = tf.minimum(distance, 1);
  return tf.add(tf.mul(tf.square(inner), 0.5), tf.sub(distance, inner));
}

/** Up to so many numbers, differences of all pairs are worked out one by one. */
const pairwiseNumbers = 2 ** 18;

/** [B,D] -> [B,B] squared distances. */
function squaredDistances(x: Tensor2D): Tensor {
  const [batch, width] = x.shape;
  if (batch * batch * width <= pairwiseNumbers)
    return tf.sum(tf.square(tf.sub(tf.expandDims(x, 0), tf.expandDims(x, 1))), -1);
  // Distances do not change when all move together, but embeddings far from zero and close to each other would cancel.
  const centred = tf.sub(x, tf.mean(x, 0, true)) as Tensor2D;
  const squares = tf.sum(tf.square(centred), -1);
  const product = tf.matMul(centred, centred, false, true);
  return tf.sub(tf.add(tf.expandDims(squares, 1), tf.expandDims(squares, 0)), tf.mul(product, 2));
}

/** [B,B] Euclidean distances, 0 on the diagonal, divided by the mean of the positive ones. */
function relativeDistances(x: Tensor2D): Tensor {
  const batch = x.shape[0];
  const apart = squaredDistances(x);
  const offDiagonal = tf.sub(1, tf.eye(batch));
  const distances = tf.mul(tf.sqrt(tf.maximum(apart, 1e-12)), offDiagonal);
  const positive = tf.sum(tf.step(distances));
  const mean = tf.div(tf.sum(distances), tf.maximum(positive, 1));
  // The floor is for a single image, which has no distance: images are at least 1e-6 apart.
  return tf.div(distances, tf.maximum(mean, 1e-12));
}

/** [B,B,B] cosines: entry i,j,k is the angle at image i between images j and k. */
function angles(x: Tensor2D): Tensor {
  const difference = tf.sub(tf.expandDims(x, 0), tf.expandDims(x, 1));
  const norm = tf.sqrt(tf.maximum(tf.sum(tf.square(difference), -1, true), 1e-24));
  const direction = tf.div(difference, norm) as tf.Tensor3D;
  return tf.matMul(direction, direction, false, true);
}

export interface RkdParts {
  /** [B] mean over j of the Huber distance of distances */
  distance: Tensor1D;
  /** [B] mean over j and k of the Huber distance of angles */
  angle: Tensor1D;
}

/**
 * The two parts of RKD as row means.
 * @param angleImages only the first so many images of the batch have angles
 * Source: Park et al. 2019; equals RepDistiller and mdistiller.
 */
export function rkdParts(student: Tensor2D, teacher: Tensor2D, angleImages = Infinity): RkdParts {
  return tf.tidy(() => {
    const batch = student.shape[0];
    const count = Math.min(batch, angleImages);
    const first = (x: Tensor2D) => (count < batch ? tf.slice(x, [0, 0], [count, -1]) : x);
    const angle = tf.mean(huber(angles(first(student)), angles(first(teacher))), [1, 2]) as Tensor1D;
    return {
      distance: tf.mean(huber(relativeDistances(student), relativeDistances(teacher)), -1) as Tensor1D,
      // Scaled so that the mean over the batch is the mean over the images that have angles.
      angle: count < batch ? tf.mul(tf.pad(angle, [[0, batch - count]]), batch / count) : angle,
    };
  }) as unknown as RkdParts;
}

export const createRkd: HintFactory<typeof rkdKnobs> = ({ knobs: chosen }) => {
  const vectors = vectorsIn(chosen);
  return {
    module: null,
    losses: (student, teacher, { knobs, probe }) => {
      const { distance, angle } = rkdParts(vectors.of(student), vectors.of(teacher), knobs.angleImages);
      probe?.('part/distances', tf.mean(distance));
      probe?.('part/angles', tf.mean(angle));
      return tf.add(tf.mul(distance, knobs.distanceWeight), tf.mul(angle, knobs.angleWeight));
    },
    view: (student, teacher) => relationView(vectors.of(student), vectors.of(teacher), vectors.title),
    dispose: () => undefined,
  };
};
