/** Introspective learning, rebuilt from its abstract: explanations, their similarity, targets and the loss. */
import { detached } from '../../../engine/detached';
import { softmaxCrossEntropy, temperatureKl } from '../../../engine/loss-ops';
import {
  tf,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
} from '../../../engine/tf';

/**
 * Class activation maps: relu(sum_c w_ck f_c) at every place.
 * @param features [B,H,W,D] the last map after its ReLU
 * @param kernel [D,K] of the classifier behind the mean over places
 * @returns [B,H,W,K]
 */
export function classMaps(features: Tensor, kernel: Tensor): Tensor4D {
  return tf.tidy(() => {
    const [batch, height, width, channels] = features.shape as [number, number, number, number];
    const flat = tf.reshape(features, [batch * height * width, channels]) as Tensor2D;
    const maps = tf.relu(tf.matMul(flat, kernel as Tensor2D));
    return tf.reshape(maps, [batch, height, width, kernel.shape[1]!]) as Tensor4D;
  });
}

/**
 * Gradients of each logit by the input, constants.
 * @param logits of inputs [B,...], [B,K]: each row depends on its own input alone (no batch statistics)
 * @returns [B,K,...]
 */
export function inputGradients(
  logits: (inputs: Tensor) => Tensor,
  inputs: Tensor,
  { classes, timesInput }: { classes: number; timesInput: boolean },
): Tensor {
  return detached(() => {
    const perClass = Array.from({ length: classes }, (_, k) => {
      const own = (given: Tensor) => tf.sum<tf.Scalar>(tf.slice(logits(given) as Tensor2D, [0, k], [-1, 1]));
      const gradient = tf.grad(own)(inputs);
      return timesInput ? tf.mul(gradient, inputs) : gradient;
    });
    return tf.stack(perClass, 1);
  });
}

/** Floor of a length: an explanation of zeros is like no other. */
const least = 1e-12;

/**
 * Cosines of the explanation of each class with that of the right one.
 * @param explanations [B,K,P]
 * @param oneHot [B,K]; a row of zeros gives zeros
 * @returns [B,K], 1 at the right class
 */
export function explanationCosines(explanations: Tensor3D, oneHot: Tensor2D): Tensor2D {
  return tf.tidy(() => {
    const own = tf.sum(tf.mul(explanations, tf.expandDims(oneHot, -1)), 1, true);
    const length = (of: Tensor) => tf.maximum(tf.sqrt(tf.sum(tf.square(of), -1)), least);
    const product = tf.sum(tf.mul(explanations, own), -1);
    return tf.div(product, tf.mul(length(explanations), length(own))) as Tensor2D;
  });
}

/** [B,H,W,K] -> [B,K,H*W]; [B,K,...] -> [B,K,P] where `form` is not a map. */
export function flatExplanations(explanations: Tensor, form: 'map' | 'gradient'): Tensor3D {
  const [batch] = explanations.shape as [number];
  if (form === 'gradient') return tf.reshape(explanations, [batch, explanations.shape[1]!, -1]) as Tensor3D;
  return tf.tidy(() => {
    const places = tf.reshape(explanations, [batch, -1, explanations.shape.at(-1)!]);
    return tf.transpose(places, [0, 2, 1]) as Tensor3D;
  });
}

/**
 * q: 1 - epsilon on the label, epsilon * softmax(cosines / tau) over the wrong classes.
 * @param cosines [B,K]; what stands at the label does not matter
 * @param oneHot [B,K]; a row of zeros gives a row that is no distribution and not used
 * @returns [B,K]
 */
export function introspectiveTargets(
  cosines: Tensor,
  oneHot: Tensor2D,
  { epsilon, tau }: { epsilon: number; tau: number },
): Tensor2D {
  return tf.tidy(() => {
    const wrong = tf.mul(tf.exp(tf.div(cosines, tau)), tf.sub(1, oneHot));
    const shares = tf.div(wrong, tf.sum(wrong, -1, true));
    return tf.add(tf.mul(oneHot, 1 - epsilon), tf.mul(shares, epsilon)) as Tensor2D;
  });
}

/**
 * Who gets whose cosine: row k has a 1 in the column of the class whose cosine class k gets.
 * @param labels [B] -1 for none
 * @param order per row [K-1]: place j of the wrong classes in ascending order gets the cosine of place order[j]
 * @returns [B*K*K]
 */
export function dealing(
  labels: ArrayLike<number>,
  order: (row: number) => ArrayLike<number>,
  classes: number,
) {
  const values = new Float32Array(labels.length * classes * classes);
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    const wrong = Array.from({ length: classes }, (_, k) => k).filter((k) => k !== label);
    const places = order(row);
    const at = (k: number, from: number) => (row * classes + k) * classes + from;
    wrong.slice(0, places.length).forEach((k, j) => (values[at(k, wrong[places[j]!]!)] = 1));
  }
  return values;
}

/** Cosines [B,K] as `dealing` [B,K,K] deals them. */
export function dealt(cosines: Tensor, matrices: Tensor): Tensor2D {
  return tf.tidy(() => tf.sum(tf.mul(matrices, tf.expandDims(cosines, 1)), -1) as Tensor2D);
}

/** The cosine of the next wrong class, for instances that are no batch: nothing was drawn for them. */
export function passedOn(cosines: Tensor2D, oneHot: Tensor2D): Tensor2D {
  return tf.tidy(() => {
    const next = (of: Tensor2D): Tensor2D =>
      tf.concat([tf.slice(of, [0, 1], [-1, -1]), tf.slice(of, [0, 0], [-1, 1])], 1) as Tensor2D;
    const skips = next(oneHot);
    return tf.add(tf.mul(next(cosines), tf.sub(1, skips)), tf.mul(next(next(cosines)), skips)) as Tensor2D;
  });
}

/** Floor of a target's entry, whose logarithm is taken. */
const floor = 1e-12;

/**
 * (1 - lambda) CE + lambda T^2 KL(q_T || p_T) per instance, with both parts.
 * @param logits [B,K], differentiable
 * @param targets [B,K] q, constant
 * @param oneHot [B,K], constant; a row of zeros gives 0
 * @param lambda a number, or a scalar tensor where it changes from step to step
 */
export function introspectiveLosses(
  logits: Tensor,
  targets: Tensor,
  oneHot: Tensor2D,
  { lambda, temperature }: { lambda: number | Tensor; temperature: number },
): { losses: Tensor1D; kl: Tensor1D } {
  const ce = softmaxCrossEntropy(logits, oneHot);
  const divergence = temperatureKl(logits, tf.log(tf.maximum(targets, floor)), temperature);
  const kl = tf.mul(divergence, tf.sum(oneHot, -1)) as Tensor1D;
  return { losses: tf.add(tf.mul(ce, tf.sub(1, lambda)), tf.mul(kl, lambda)), kl };
}
