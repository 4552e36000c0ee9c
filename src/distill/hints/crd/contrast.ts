/** Noise-contrastive estimation against banks of embeddings. */
import { hasFused, runFused } from '../../../engine/fused-ops';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';

/**
 * exp(bank row . anchor / tau) for the rows picked for each image.
 * @param anchors [B,D], differentiable
 * @param bank [N,D], constant
 * @param picks [B,K+1] int32, rows of the bank; column 0 is the image's own
 * @returns [B,K+1]
 */
export function affinities(anchors: Tensor2D, bank: Tensor2D, picks: Tensor2D, tau: number): Tensor2D {
  return tf.tidy(() => tf.exp(tf.div(pickedProducts(anchors, bank, picks), tau)));
}

/**
 * Products of each anchor with its picked rows, [B,K+1]. Where no kernel picks the rows, all are multiplied and the picked
 * products taken out: copying the rows first, as one would write it, takes several times as long.
 */
function pickedProducts(anchors: Tensor2D, bank: Tensor2D, picks: Tensor2D): Tensor2D {
  if (hasFused('RetortPickedProducts'))
    return runFused('RetortPickedProducts', { x: anchors, table: bank, numbers: picks })[0] as Tensor2D;
  const op = tf.customGrad((...inputs) => {
    const [x, save] = inputs as unknown as [Tensor2D, (tensors: Tensor[]) => void];
    const [batch, rows] = [x.shape[0], bank.shape[0]];
    // Places of the picks in all products laid end to end.
    const begins = tf.mul(tf.range(0, batch, 1, 'int32'), tf.scalar(rows, 'int32'));
    const places = tf.reshape(tf.add(picks, tf.expandDims(begins, 1)), [-1]) as Tensor1D;
    save([bank, places]);
    const products = tf.reshape(tf.matMul(x, bank, false, true), [-1]);
    return {
      value: tf.reshape(tf.gather(products, places), picks.shape),
      gradFunc: (dy: Tensor, [saved, at]: Tensor[]) => {
        const all = tf.scatterND(tf.expandDims(at!, 1), tf.reshape(dy, [-1]), [batch * rows]);
        return tf.matMul(tf.reshape(all, [batch, rows]) as Tensor2D, saved as Tensor2D);
      },
    };
  });
  return op(anchors) as Tensor2D;
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
