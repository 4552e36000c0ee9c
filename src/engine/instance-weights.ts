/**
 * Per-image weighting of losses in few dispatches on WebGPU: see `kernels/weigher.ts`, `kernels/instance-history.ts`
 * and `kernels/probe-slopes.ts`. The weighting that uses these functions documents the formulas and has the composed
 * form for other backends. All results belong to the caller's tidy.
 */
import { floatOf, isFusedOnWebgpu } from './fused-ops';
import { ownBuffers } from './in-place';
import * as history from './kernels/instance-history';
import { lengthAndDeviation, slopes } from './kernels/probe-slopes';
import { inGroups, tensors } from './kernels/dispatch';
import * as weigher from './kernels/weigher';
import { tf, type Tensor, type Tensor2D } from './tf';
import type { RetortBackend } from './webgpu-backend';

/** Columns of features and of a history, shared with the composed form. */
export { historyColumns, imageStates } from './kernels/instance-history';

/** Whether the active backend has these functions. */
export const hasInstanceWeights = isFusedOnWebgpu;

/** Inputs of the weights of a batch. */
export interface Seen {
  /** [B,C] */
  targets: Tensor;
  /** [B,C] logits, as the teacher's */
  student: Tensor;
  teacher: Tensor;
  /** One number */
  progress: Tensor;
  /** [B,H] losses */
  hints: Tensor;
  /** [B] int32, rows of the table */
  rows: Tensor;
}

/**
 * log(1+CE), student's entropy / log C, student's and teacher's probability of the label, progress, log(1+l) per
 * hint, and its change since the image's last visit.
 * @param table [N,3H+1]: see `blendWeights`
 * @returns [B,5+2H]
 */
export function instanceFeatures(seen: Seen, table: tf.Variable): Tensor2D {
  const { targets, student, teacher, progress, hints, rows } = seen;
  const [batch, classes] = targets.shape as [number, number];
  const count = hints.shape[1]!;
  const [info] = backend().runRaw(
    history.features(batch, classes, count),
    [
      ...[targets, student, teacher, progress, hints].map(readFloat),
      { tensor: rows, access: 'read', stored: 'int32' },
      { tensor: table, access: 'read' },
    ],
    [[batch, history.imageStates + 2 * count]],
  );
  return tf.engine().makeTensorFromTensorInfo(info!, backend()) as Tensor2D;
}

/** kernel1 [K,J], bias1 [J], kernel2 [J,H], bias2 [H] */
export type WeigherParameters = readonly [kernel1: Tensor, bias1: Tensor, kernel2: Tensor, bias2: Tensor];

/** base * 2 * sigmoid(relu(x kernel1 + bias1) kernel2 + bias2). @param base [H] or [1,H] -> [B,H] */
export function instanceWeights(x: Tensor, parameters: WeigherParameters, base: Tensor): Tensor2D {
  const shape = shapeOf(x, parameters, base);
  const [w] = tensors([x, ...parameters, base], [[shape.batch, shape.hints]], weigher.weigh(shape));
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
  const [parts] = tensors(inputs, [[shape.batch, weigher.backwardSize(shape)]], weigher.weighBackward(shape));
  const shapes = parameters.map((parameter) => parameter.shape);
  return tensors([x, parts!], shapes, weigher.weigherGradients(shape)) as [Tensor, Tensor, Tensor, Tensor];
}

function shapeOf(x: Tensor, [kernel1, , kernel2]: WeigherParameters, base: Tensor): weigher.WeigherShape {
  const [inputs, hidden] = kernel1.shape as [number, number];
  return { batch: x.shape[0]!, inputs, hidden, hints: kernel2.shape[1]!, bases: base.size };
}

/** Losses [B,H] as adjacent columns of a larger tensor. */
export interface LossColumns {
  /** [B,.] */
  of: Tensor2D;
  first: number;
}

/**
 * Blends weights [B,H] with their images' histories. A row of the table [N,3H+1] holds, per hint, the running mean of
 * its weights, the running mean of their squared deviation, and the loss at the last visit; then the number of
 * visits.
 * @param rows [B] int32, without repeats
 * @param rule `remember`: whether the rows are updated, in place
 */
export function blendWeights(
  table: tf.Variable,
  rows: Tensor,
  weights: Tensor2D,
  losses: LossColumns,
  { momentum, mix, remember }: { momentum: number; mix: number; remember: boolean },
): { used: Tensor2D; spread: Tensor2D } {
  const [batch, hints] = weights.shape;
  if (remember) ownBuffers([table]);
  const kernel = history.blend({
    batch,
    hints,
    losses: { first: losses.first, columns: losses.of.shape[1] },
    remember,
  });
  // A tensor, not shader constants: both values may change during a run.
  const rule = tf.tensor1d([momentum, mix]);
  const infos = backend().runRaw(
    kernel,
    [
      readFloat(weights),
      readFloat(losses.of),
      { tensor: rows, access: 'read', stored: 'int32' },
      readFloat(rule),
      { tensor: table, access: remember ? 'read_write' : 'read' },
    ],
    [weights.shape, weights.shape],
  );
  const [used, spread] = infos.map((info) => tf.engine().makeTensorFromTensorInfo(info, backend()));
  return { used: used as Tensor2D, spread: spread as Tensor2D };
}

/**
 * -(ahead - behind) / (2 eps) per image and hint, 0 where it is not finite or the norm is below 1e-8; and the same
 * times rate and factor.
 * @param probe ahead, behind [B,H]; norm, eps, rate are one number each
 */
export function probeSlopes(probe: {
  ahead: Tensor2D;
  behind: Tensor2D;
  norm: Tensor;
  eps: Tensor;
  rate: Tensor;
  /** (1 + momentum) / batch under Nesterov momentum, else 1 / batch. */
  factor: number;
}): { values: Tensor2D; unscaled: Tensor2D } {
  const { ahead, behind, norm, eps, rate, factor } = probe;
  const inputs = [ahead, behind, norm, eps, rate, tf.scalar(factor)];
  const [values, unscaled] = tensors(inputs, [ahead.shape, ahead.shape], slopes(ahead.size));
  return { values: values as Tensor2D, unscaled: unscaled as Tensor2D };
}

/**
 * Per hint the norm of x over the batch, then per hint the standard deviation of w. @param x [B,H], like w -> 2H
 * numbers
 */
export function lengthsAndDeviations(x: Tensor2D, w: Tensor2D): tf.Scalar[] {
  const [batch, hints] = x.shape;
  const most = Math.floor((backend().device.limits.maxStorageBuffersPerShaderStage - 2) / 2);
  const all = Array.from({ length: hints }, (_, h) => h);
  const found = inGroups(all, most).map((group) => {
    const [first, count] = [group[0]!, group.length];
    const kernel = lengthAndDeviation(batch, hints, { first, count });
    const scalars = Array.from({ length: 2 * count }, () => []);
    const numbers = tensors([x, w], scalars, kernel) as tf.Scalar[];
    return [numbers.slice(0, count), numbers.slice(count)] as const;
  });
  return [...found.flatMap(([lengths]) => lengths), ...found.flatMap(([, deviations]) => deviations)];
}

function readFloat(tensor: Tensor) {
  return { tensor: floatOf(tensor), access: 'read' as const };
}

function backend(): RetortBackend {
  return tf.backend() as RetortBackend;
}
