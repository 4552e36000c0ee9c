/**
 * Per-image losses that have a fused form on WebGPU. On other backends they are composed of TensorFlow.js ops, which
 * is also the reference for the fused forms.
 */
import { divergenceTerms } from './divergence';
import { floatOf, hasFused, isFusedOnWebgpu, runFused } from './fused-ops';
import { hintMeans } from './kernels/weighted-losses';
import { tensors } from './kernels/dispatch';
import { tf, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D } from './tf';
import type { RetortBackend } from './webgpu-backend';

/**
 * Cross-entropy per image.
 * @param logits [B,C], differentiable
 * @param labels [B,C] class probabilities, differentiable too; a row of zeros gives 0
 * @returns [B]
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor): Tensor1D {
  return tf.tidy(() => {
    if (hasFused('RetortCrossEntropy') && areRows(logits, labels))
      return runFused('RetortCrossEntropy', {
        logits: floatOf(logits),
        labels: floatOf(labels),
      })[0] as Tensor1D;
    return tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(logits as Tensor2D)), -1));
  });
}

/**
 * Sum of the cross-entropies of a batch, divided by a number.
 * @param logits [B,C], differentiable
 * @param labels [B,C] class probabilities, differentiable too; a row of zeros adds 0
 * @param divisor not zero
 */
export function meanCrossEntropy(logits: Tensor, labels: Tensor, divisor: number): tf.Scalar {
  return tf.tidy(() => {
    if (hasFused('RetortMeanCrossEntropy') && areRows(logits, labels)) {
      const inputs = { logits: floatOf(logits), labels: floatOf(labels), divisor: tf.scalar(divisor) };
      return runFused('RetortMeanCrossEntropy', inputs)[0] as tf.Scalar;
    }
    return weightedLosses(softmaxCrossEntropy(logits, labels), null, divisor);
  });
}

/**
 * T^2 * KL(softmax(teacher / T) || softmax(student / T)) per image.
 * @param student logits [B,C], differentiable
 * @param teacher logits [B,C], differentiable too: to hold them constant, compute them outside of the differentiated
 *   function
 * @returns [B]
 */
export function temperatureKl(student: Tensor, teacher: Tensor, temperature: number): Tensor1D {
  return tf.tidy(() => {
    if (hasFused('RetortTemperatureKl') && areRows(student, teacher)) {
      // A tensor, not a shader constant: the temperature may change during a run.
      const given = tf.tensor1d([temperature]);
      const inputs = { student: floatOf(student), teacher: floatOf(teacher), temperature: given };
      return runFused('RetortTemperatureKl', inputs)[0] as Tensor1D;
    }
    const logStudent = tf.logSoftmax(tf.div(student, temperature));
    const logTeacher = tf.logSoftmax(tf.div(teacher, temperature));
    // The teacher may be one row for all images.
    const [p, q] = [
      tf.add(logTeacher, tf.zerosLike(logStudent)),
      tf.add(logStudent, tf.zerosLike(logTeacher)),
    ];
    return tf.mul(tf.sum(divergenceTerms(p, q), -1), temperature * temperature);
  });
}

/**
 * Mean of (a - b)^2 over all axes but the first.
 * @param a [B,...], differentiable, like b
 * @param b in the shape of a, or broadcast to it
 * @returns [B]
 */
export function meanSquaredDifference(a: Tensor, b: Tensor): Tensor1D {
  return tf.tidy(() => {
    const others = a.shape.slice(1).map((_, d) => d + 1);
    // TensorFlow.js has no gradient for its squared difference with broadcasting.
    if (!tf.util.arraysEqual(a.shape, b.shape)) return tf.mean(tf.square(tf.sub(a, b)), others);
    if (hasFused('RetortSquaredDistance'))
      return runFused('RetortSquaredDistance', { a: floatOf(a), b: floatOf(b) })[0] as Tensor1D;
    return tf.mean(tf.squaredDifference(a, b), others);
  });
}

/**
 * Vectors as the columns of a matrix.
 * @param vectors [B] each, differentiable; at least one
 * @returns [B,H]
 */
export function sideBySide(vectors: readonly Tensor1D[]): Tensor2D {
  if (vectors.length === 1) return tf.expandDims(vectors[0]!, 1);
  return tf.tidy(() => {
    if (!hasFused('RetortColumns')) return tf.stack([...vectors], 1) as Tensor2D;
    const inputs = Object.fromEntries(vectors.map((vector, n) => [n, floatOf(vector)]));
    return runFused('RetortColumns', inputs)[0] as Tensor2D;
  });
}

/**
 * Sum of losses times weights, divided by a number.
 * @param losses [B] or [B,H], differentiable
 * @param weights [B,H], [1,H] or [B], differentiable too; null for ones
 * @param divisor not zero
 */
export function weightedLosses(losses: Tensor, weights: Tensor | null, divisor: number): tf.Scalar {
  return tf.tidy(() => {
    if (hasFused('RetortWeightedLosses') && (!weights || repeatsOver(losses, weights))) {
      const inputs = {
        losses: floatOf(losses),
        weights: weights ? floatOf(weights) : tf.scalar(1),
        divisor: tf.scalar(divisor),
      };
      return runFused('RetortWeightedLosses', inputs)[0] as tf.Scalar;
    }
    return tf.div(tf.sum(weights ? tf.mul(losses, weights) : losses), divisor);
  });
}

/** Cross-entropies of a batch [B], differentiable, with their factor in the objective. */
export interface TaskTerm {
  ce: Tensor1D;
  /** Number of terms. */
  count: number;
  factor: number;
}

/** Hint losses of a batch [B,H], differentiable, and their weights [B,H] or [1,H], constant. */
export interface HintTerm {
  losses: Tensor2D;
  weights: Tensor2D;
}

/**
 * factor * mean of ce + mean over the batch of the weighted sums of hint losses.
 * @returns also the mean of ce, which is not differentiable
 */
export function objectiveOf(
  { ce, count, factor }: TaskTerm,
  { losses, weights }: HintTerm,
): { total: tf.Scalar; ce: tf.Scalar } {
  const batch = losses.shape[0];
  if (hasFused('RetortObjective') && repeatsOver(losses, weights)) {
    const rule = tf.tensor1d([factor, count, batch]);
    const inputs = { ce, losses, weights: floatOf(weights), rule };
    const [total, mean] = runFused('RetortObjective', inputs) as [tf.Scalar, tf.Scalar];
    return { total, ce: mean };
  }
  const mean = weightedLosses(ce, null, count);
  return { total: tf.add(tf.mul(mean, factor), weightedLosses(losses, weights, batch)), ce: mean };
}

/**
 * Batch means per hint of the loss and of its part in the objective. Not differentiable; they belong to the caller's
 * tidy.
 * @param raw [B,H] losses as the hints return them
 * @param losses [B,H] losses as they are weighted
 */
export function meansOfHints(
  raw: Tensor2D,
  { losses, weights }: HintTerm,
): { mean: tf.Scalar; part: tf.Scalar }[] {
  if (isFusedOnWebgpu() && repeatsOver(losses, weights)) return fusedHintMeans(raw, { losses, weights });
  const [means, parts] = [tf.mean(raw, 0), tf.mean(tf.mul(losses, weights), 0)];
  const element = (vector: Tensor, h: number): tf.Scalar => tf.reshape(tf.slice(vector, [h], [1]), []);
  return Array.from({ length: raw.shape[1] }, (_, h) => ({
    mean: element(means, h),
    part: element(parts, h),
  }));
}

function fusedHintMeans(
  raw: Tensor2D,
  { losses, weights }: HintTerm,
): { mean: tf.Scalar; part: tf.Scalar }[] {
  const [batch, hints] = raw.shape;
  const { device } = tf.backend() as RetortBackend;
  const most = Math.floor((device.limits.maxStorageBuffersPerShaderStage - 3) / 2);
  return Array.from({ length: Math.ceil(hints / most) }, (_, g) => {
    const count = Math.min(most, hints - g * most);
    const kernel = hintMeans({ batch, hints, weights: weights.size }, g * most, count);
    const scalars = Array.from({ length: 2 * count }, () => []);
    const means = tensors([raw, losses, weights], scalars, kernel) as tf.Scalar[];
    return Array.from({ length: count }, (_, h) => ({ mean: means[h]!, part: means[count + h]! }));
  }).flat();
}

/**
 * Attention maps: the mean over channels of |maps|^p, flattened and divided by its norm.
 * @param maps [B,H,W,C], differentiable
 * @returns [B,H*W]
 */
export function attentionMaps(maps: Tensor4D, p: number): Tensor2D {
  return tf.tidy(() => {
    if (hasFused('RetortAttention'))
      return runFused('RetortAttention', { maps: floatOf(maps) }, { p })[0] as Tensor2D;
    // |x| as a sum of two terms whose slope at 0 is 1, as that of a ReLU's output is in the reference.
    const size = () => tf.add(maps, tf.mul(tf.relu(tf.neg(maps)), 2));
    const powered = p === 2 ? tf.square(maps) : p === 1 ? size() : tf.pow(tf.abs(maps), p);
    const flat = tf.reshape(tf.mean(powered, -1), [maps.shape[0], -1]);
    // The lower bound is inside the root, so that the gradient of an all-zero map is finite.
    const norm = tf.sqrt(tf.maximum(tf.sum(tf.square(flat), -1, true), 1e-24));
    return tf.div(flat, norm) as Tensor2D;
  });
}

/**
 * Whether both are [B,C] and of the same shape, the only shapes that the fused forms take; others use the composed
 * form.
 */
function areRows(a: Tensor, b: Tensor): boolean {
  return a.rank === 2 && tf.util.arraysEqual(a.shape, b.shape);
}

/** Whether there are as many weights as losses, or as many as in their last axis, along which they are broadcast. */
function repeatsOver(losses: Tensor, weights: Tensor): boolean {
  if (tf.util.arraysEqual(losses.shape, weights.shape)) return true;
  const { rank, size, shape } = weights;
  const isRow = rank <= losses.rank && size === (shape.at(-1) ?? 1);
  return isRow && (size === 1 || size === losses.shape.at(-1));
}
