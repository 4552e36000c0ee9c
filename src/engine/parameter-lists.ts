/** Arithmetic over all parameters of a network in few dispatches on WebGPU: see `kernels/parameter-lists.ts`. */
import { floatOf, isFused } from './fused-ops';
import {
  lengthOf,
  listKernel,
  momentumStep,
  parametersPerDispatch,
  plainStep,
  probePoints,
  squares,
  squareShares,
  type ListRule,
} from './kernels/parameter-lists';
import { tensors } from './kernels/run';
import { tf, type Scalar, type Tensor, type Tensor1D } from './tf';
import type { RetortBackend } from './webgpu-backend';

/** Whether the active backend computes over lists; the functions here are only for where it does. */
export const hasLists = isFused;

/** A parameter, its gradient, and what momentum has gathered. */
export interface StepOf {
  theta: Tensor;
  gradient: Tensor;
  /** Of all or of none; null without momentum. */
  velocity: Tensor | null;
}

/**
 * Where a step of SGD would take each parameter; belongs to the caller's tidy.
 * @param rate one number
 */
export function stepsOf(
  list: readonly StepOf[],
  { momentum, nesterov, weightDecay }: { momentum: number; nesterov: boolean; weightDecay: number },
  rate: Tensor,
): Tensor[] {
  const rule = tf.tensor1d([momentum, Number(nesterov), weightDecay]);
  const moves = list.every(({ velocity }) => velocity);
  const read = list.map(({ theta, gradient, velocity }) =>
    moves ? [theta, gradient, velocity!] : [theta, gradient],
  );
  return overLists(moves ? momentumStep : plainStep, read, [rule, rate]).map(([next]) => next!);
}

/**
 * Per parameter theta + eps*v and theta - eps*v; belongs to the caller's tidy.
 * @param list pairs of theta and v
 * @param eps one number
 */
export function pointsAlong(
  list: readonly (readonly [theta: Tensor, v: Tensor])[],
  eps: Tensor,
): (readonly [ahead: Tensor, behind: Tensor])[] {
  return overLists(probePoints, list, [eps]) as [Tensor, Tensor][];
}

/** The length of all numbers as one vector, and delta divided by it; belongs to the caller's tidy. */
export function lengthAndProbe(list: readonly Tensor[], delta: number): { norm: Scalar; eps: Scalar } {
  const sums = inGroups(list, storageBuffers() - 1).map((group) => {
    const sizes = group.map(({ size }) => size);
    return tensors(group, [[squareShares(sizes)]], squares(sizes))[0] as Tensor1D;
  });
  const all = sums.length === 1 ? sums[0]! : tf.concat(sums);
  const [norm, eps] = tensors([all, tf.scalar(delta)], [[], []], lengthOf(all.size));
  return { norm: norm as Scalar, eps: eps as Scalar };
}

/** @param read per parameter what the rule reads; its results have the first one's shape */
function overLists(
  rule: ListRule,
  read: readonly (readonly Tensor[])[],
  shared: readonly Tensor[],
): Tensor[][] {
  return inGroups(read, parametersPerDispatch(rule, storageBuffers())).flatMap((group) => {
    const shapes = group.flatMap(([first]) => rule.writes.map(() => first!.shape));
    const kernel = listKernel(
      rule,
      group.map(([first]) => first!.size),
    );
    const written = tensors([...shared, ...group.flat()].map(floatOf), shapes, kernel);
    return group.map((_, v) => written.slice(v * rule.writes.length, (v + 1) * rule.writes.length));
  });
}

function storageBuffers(): number {
  return (tf.backend() as RetortBackend).device.limits.maxStorageBuffersPerShaderStage;
}

function inGroups<T>(list: readonly T[], most: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / most) }, (_, g) =>
    list.slice(g * most, (g + 1) * most),
  );
}
