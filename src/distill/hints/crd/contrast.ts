/** Noise-contrastive estimation against banks of embeddings. */
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';

/** Rows of unit length: [B,D] -> [B,D]. */
export function unitRows(x: Tensor): Tensor2D {
  return tf.tidy(() => tf.div(x, tf.sqrt(tf.maximum(tf.sum(tf.square(x), -1, true), 1e-24))));
}

/**
 * exp(bank row . anchor / tau) for the rows picked for each image.
 * @param anchors [B,D], differentiable
 * @param bank [N,D], constant
 * @param picks [B,K+1] int32, rows of the bank; column 0 is the image's own
 * @returns [B,K+1]
 */
export function affinities(anchors: Tensor2D, bank: Tensor2D, picks: Tensor2D, tau: number): Tensor2D {
  return tf.tidy(() => {
    const [batch, width] = anchors.shape;
    const rows = tf.reshape(tf.gather(bank, tf.reshape(picks, [-1])), [batch, -1, width]) as tf.Tensor3D;
    const anchor = tf.reshape(anchors, [batch, width, 1]) as tf.Tensor3D;
    return tf.exp(tf.div(tf.reshape(tf.matMul(rows, anchor), [batch, -1]), tau)) as Tensor2D;
  });
}

/** First estimate of the normaliser: the mean of the affinities times the number of images. Scalar. */
export function normaliserOf(scores: Tensor2D, images: number): tf.Scalar {
  return tf.tidy(() => tf.mul(tf.mean(scores), images));
}

/**
 * Telling the image's own row from the others: -ln x0/(x0 + r + 1e-7) - sum over negatives of ln r/(x + r + 1e-7), with
 * x = affinity / normaliser and r = K / N.
 * @param scores [B,K+1] affinities, differentiable @param normaliser scalar, constant
 * @returns [B]. Source: Tian et al. 2020; equals RepDistiller.
 */
export function contrastiveLosses(scores: Tensor2D, normaliser: Tensor, images: number): Tensor1D {
  return tf.tidy(() => {
    const negatives = scores.shape[1] - 1;
    const noise = negatives / images;
    const x = tf.div(scores, normaliser);
    const all = tf.sum(tf.log(tf.add(x, noise + 1e-7)), -1);
    const own = tf.log(tf.squeeze(tf.slice(x, [0, 0], [-1, 1]), [1]));
    return tf.sub(tf.sub(all, own), negatives * Math.log(noise)) as Tensor1D;
  });
}

/**
 * The rows of a bank after a batch: unit(momentum * row + (1 - momentum) * embedding).
 * @param rows [B,D] of the bank @param embeddings [B,D]
 */
export function movedRows(rows: Tensor2D, embeddings: Tensor2D, momentum: number): Tensor2D {
  return tf.tidy(() => unitRows(tf.add(tf.mul(rows, momentum), tf.mul(embeddings, 1 - momentum))));
}
