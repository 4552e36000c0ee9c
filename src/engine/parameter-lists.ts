/** Arithmetic over all parameters of a network in few dispatches on WebGPU: see `kernels/parameter-list-kernels.ts`. */
import { floatOf, isFusedOnWebgpu } from './fused-ops';
import {
  lengthOf,
  listKernel,
  momentumStep,
  parametersPerDispatch,
  plainStep,
  probePoints,
  squares,
  squarePartials,
  type ListRule,
} from './kernels/parameter-list-kernels';
import { unsummed } from './kernels/reduce';
import { dispatch, inGroups, tensors } from './kernels/dispatch';
import { tf, type Scalar, type Tensor } from './tf';
import type { RetortBackend } from './webgpu-backend';

/** Whether the active backend computes over lists; the functions here require it. */
export const hasLists = isFusedOnWebgpu;

/** A parameter, its gradient and its momentum buffer. */
export interface StepOf {
  theta: Tensor;
  gradient: Tensor;
  /** For all parameters or for none; null without momentum. */
  velocity: Tensor | null;
}

/**
 * The parameters after a step of SGD; they belong to the caller's tidy.
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

/** The norm of all numbers as one vector, and delta divided by it; they belong to the caller's tidy. */
export function lengthAndProbe(list: readonly Tensor[], delta: number): { norm: Scalar; eps: Scalar } {
  const count = squarePartials(list.map(({ size }) => size));
  let sums: Tensor | null = null;
  let into = 0;
  for (const group of inGroups(list, storageBuffers() - 1)) {
    const read = group.map((tensor) => ({ size: tensor.size, ...unsummed(backend(), floatOf(tensor)) }));
    const inputs = read.map(({ tensor }) => ({ tensor, access: 'read' as const }));
    const kernel = squares(read, into);
    if (sums) backend().runRaw(kernel, [...inputs, { tensor: sums, access: 'read_write' }], []);
    else sums = made(backend().runRaw(kernel, inputs, [[count]])[0]!);
    into += squarePartials(group.map(({ size }) => size));
  }
  const [norm, eps] = tensors([sums!, tf.scalar(delta)], [[], []], lengthOf(count));
  return { norm: norm as Scalar, eps: eps as Scalar };
}

/** @param read operands of the rule per parameter; its results have the shape of the first */
function overLists(
  rule: ListRule,
  read: readonly (readonly Tensor[])[],
  shared: readonly Tensor[],
): Tensor[][] {
  return inGroups(read, parametersPerDispatch(rule, storageBuffers())).flatMap((group) => {
    const shapes = group.flatMap(([first]) => rule.writes.map(() => first!.shape));
    const found = group.map((each) => each.map((tensor) => unsummed(backend(), floatOf(tensor))));
    const kernel = listKernel(
      rule,
      group.map(([first], v) => ({ size: first!.size, partials: found[v]!.map(({ partials }) => partials) })),
    );
    const inputs = [...shared.map(floatOf), ...found.flat().map(({ tensor }) => tensor)];
    const written = dispatch(backend(), kernel, inputs, shapes).map(made);
    return group.map((_, v) => written.slice(v * rule.writes.length, (v + 1) * rule.writes.length));
  });
}

function made(info: tf.TensorInfo): Tensor {
  return tf.engine().makeTensorFromTensorInfo(info, backend());
}

function backend(): RetortBackend {
  return tf.backend() as RetortBackend;
}

function storageBuffers(): number {
  return backend().device.limits.maxStorageBuffersPerShaderStage;
}
