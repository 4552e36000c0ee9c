/**
 * The weighing of losses per image in few dispatches on WebGPU: see `kernels/instance-weights.ts`. What the numbers mean,
 * and the composed form for other backends, is with the weighting that uses them. All results belong to the caller's tidy.
 */
import { isFused } from './fused-ops';
import * as kernels from './kernels/instance-weights';
import { tensors } from './kernels/run';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from './tf';

/** Whether the active backend has these; the functions are only for where it does. */
export const hasInstanceWeights = isFused;

/** What the weights of a batch depend on. */
export interface Seen {
  /** [B,C] */
  oneHot: Tensor;
  /** [B,C] logits, as the teacher's */
  student: Tensor;
  teacher: Tensor;
  /** [B] */
  ce: Tensor;
  /** One number */
  share: Tensor;
  /** [B,H] losses */
  hints: Tensor;
  /** [B,H] their logs when each image was last seen */
  lastLosses: Tensor;
  /** [B] how often the image was seen before */
  visits: Tensor;
}

/**
 * log(1+CE), student's entropy / log C, student's and teacher's probability of the label, share, log(1+l) per hint, and
 * its change. -> features [B,5+2H], log losses [B,H]
 */
export function instanceFeatures(seen: Seen): { features: Tensor2D; logs: Tensor2D } {
  const { oneHot, student, teacher, ce, share, hints, lastLosses, visits } = seen;
  const [batch, classes] = oneHot.shape as [number, number];
  const count = hints.shape[1]!;
  const image = [oneHot, student, teacher, ce, share];
  const [states] = tensors(image, [[batch, 5]], kernels.imageStates(batch, classes));
  const shapes = [
    [batch, 5 + 2 * count],
    [batch, count],
  ];
  const kernel = kernels.withLosses(batch, 5, count);
  const [features, logs] = tensors([states!, hints, lastLosses, visits], shapes, kernel);
  return { features: features as Tensor2D, logs: logs as Tensor2D };
}

/** kernel1 [K,J], bias1 [J], kernel2 [J,H], bias2 [H] */
export type WeigherParameters = readonly [kernel1: Tensor, bias1: Tensor, kernel2: Tensor, bias2: Tensor];

/** base * 2 * sigmoid(relu(x kernel1 + bias1) kernel2 + bias2). @param base [H] or [1,H] -> [B,H] */
export function instanceWeights(x: Tensor, parameters: WeigherParameters, base: Tensor): Tensor2D {
  const shape = shapeOf(x, parameters, base);
  const [w] = tensors([x, ...parameters, base], [[shape.batch, shape.hints]], kernels.weigh(shape));
  return w as Tensor2D;
}

/** Gradients of the parameters. @param dw [B,H] */
export function instanceWeightGradients(
  x: Tensor,
  parameters: WeigherParameters,
  base: Tensor,
  dw: Tensor,
): [Tensor, Tensor, Tensor, Tensor] {
  const shape = shapeOf(x, parameters, base);
  const inputs = [x, ...parameters, base, dw];
  const [parts] = tensors(inputs, [[shape.batch, kernels.backwardSize(shape)]], kernels.weighBackward(shape));
  const shapes = parameters.map((parameter) => parameter.shape);
  return tensors([x, parts!], shapes, kernels.weigherGradients(shape)) as [Tensor, Tensor, Tensor, Tensor];
}

function shapeOf(x: Tensor, [kernel1, , kernel2]: WeigherParameters, base: Tensor): kernels.WeigherShape {
  const [inputs, hidden] = kernel1.shape as [number, number];
  return { batch: x.shape[0]!, inputs, hidden, hints: kernel2.shape[1]!, bases: base.size };
}

/** A running mean and square per hint [B,H] and visits [B], and the weights that come to them [B,H]. */
export function blendWeights(
  history: { mean: Tensor; square: Tensor; count: Tensor },
  weights: Tensor2D,
  momentum: number,
  mix: number,
): { used: Tensor2D; spread: Tensor2D; next: { mean: Tensor2D; square: Tensor2D; count: Tensor1D } } {
  const [batch, hints] = weights.shape;
  // A tensor, not constants in the shader: both may change while a run goes on.
  const rule = tf.tensor1d([momentum, mix]);
  const { mean, square, count } = history;
  const next = tensors(
    [mean, square, count, weights, rule],
    [weights.shape, weights.shape, [batch]],
    kernels.remembered(batch, hints),
  ) as [Tensor2D, Tensor2D, Tensor1D];
  const kernel = kernels.blended(batch, hints);
  const results = tensors([...next, weights, rule], [weights.shape, weights.shape], kernel);
  const [used, spread] = results as [Tensor2D, Tensor2D];
  return { used, spread, next: { mean: next[0], square: next[1], count: next[2] } };
}

/**
 * -(ahead - behind) / (2 eps) per image and hint, 0 where it is not finite or the norm below 1e-8; and that times factor.
 * @param probe ahead, behind [B,H]; norm, eps, factor are one number each
 */
export function probeSlopes(probe: {
  ahead: Tensor2D;
  behind: Tensor2D;
  norm: Tensor;
  eps: Tensor;
  factor: Tensor;
}): { values: Tensor2D; unscaled: Tensor2D } {
  const { ahead, behind, norm, eps, factor } = probe;
  const inputs = [ahead, behind, norm, eps, factor];
  const [values, unscaled] = tensors(inputs, [ahead.shape, ahead.shape], kernels.slopes(ahead.size));
  return { values: values as Tensor2D, unscaled: unscaled as Tensor2D };
}

/** Per hint the length of x over the batch, then per hint the deviation of w. @param x [B,H], as w -> 2H numbers */
export function lengthsAndDeviations(x: Tensor2D, w: Tensor2D): tf.Scalar[] {
  const [batch, hints] = x.shape;
  const [numbers] = tensors([x, w], [[2 * hints]], kernels.lengthAndDeviation(batch, hints));
  return tf.unstack(numbers!) as tf.Scalar[];
}
