import { floatOf } from '../fused-ops';
import { buffersOf, type LazyTensor, type Step } from '../lazy-tensors';
import { tf } from '../tf';
import type { RawKernel, RetortBackend } from '../webgpu-backend';
import { passing } from './wgsl';

/** One dispatch over read-only tensors. @param outputs as in `runRaw` */
export function dispatch(
  backend: RetortBackend,
  kernel: RawKernel,
  read: readonly tf.TensorInfo[],
  outputs: readonly (readonly number[] | tf.TensorInfo)[],
): tf.TensorInfo[] {
  return backend.runRaw(
    kernel,
    read.map((tensor) => ({ tensor, access: 'read' })),
    outputs,
  );
}

/** Splits a list into groups of at most `most`, in order: as many as one dispatch can bind. */
export function inGroups<T>(list: readonly T[], most: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / most) }, (_, g) =>
    list.slice(g * most, (g + 1) * most),
  );
}

/** Disposes intermediate tensors. */
export function release(backend: RetortBackend, ...tensors: readonly tf.TensorInfo[]): void {
  for (const { dataId } of tensors) backend.disposeData(dataId);
}

/** A dispatch in a gradient function: its outputs belong to the surrounding tidy. */
export function tensors(
  read: readonly tf.Tensor[],
  outputs: readonly (readonly number[])[],
  kernel: RawKernel,
): tf.Tensor[] {
  const backend = tf.backend() as RetortBackend;
  const stored = read.map(floatOf);
  return dispatch(backend, kernel, stored, outputs).map((info) =>
    tf.engine().makeTensorFromTensorInfo(info, backend),
  );
}

/** A dispatch that is postponed until its result is read; steps can be added to it until then. */
export function later(
  backend: RetortBackend,
  shape: readonly number[],
  inputs: readonly tf.TensorInfo[],
  kernel: LazyTensor['kernel'],
  ahead?: LazyTensor['ahead'],
): tf.TensorInfo {
  const channels = shape.at(-1) ?? 1;
  return backend.postpone([shape], { inputs, steps: [], channels, kernel, ...(ahead && { ahead }) })[0]!;
}

/** `later` for what a layer puts out. */
export function laterMap(
  ...[backend, shape, inputs, kernel, ahead]: Parameters<typeof later>
): tf.TensorInfo {
  const channels = shape.at(-1) ?? 1;
  const pending = { inputs, steps: [], channels, kernel, isMap: true, ...(ahead && { ahead }) };
  return backend.postpone([shape], pending)[0]!;
}

/** A dispatch with several results, postponed until one of them is read. */
export function laterAll(
  backend: RetortBackend,
  kernel: RawKernel,
  inputs: readonly tf.TensorInfo[],
  shapes: readonly (readonly number[])[],
): tf.TensorInfo[] {
  return backend.postpone(shapes, { inputs, steps: [], channels: 0, kernel: () => kernel });
}

/** A lazy tensor in a gradient function: it belongs to the surrounding tidy. */
export function tensorOf(make: (backend: RetortBackend) => tf.TensorInfo): tf.Tensor {
  const backend = tf.backend() as RetortBackend;
  return tf.engine().makeTensorFromTensorInfo(make(backend), backend);
}

/** `laterAll` in a gradient function. */
export function laterTensors(
  read: readonly tf.Tensor[],
  shapes: readonly (readonly number[])[],
  kernel: RawKernel,
): tf.Tensor[] {
  const backend = tf.backend() as RetortBackend;
  return laterAll(backend, kernel, read.map(floatOf), shapes).map((info) =>
    tf.engine().makeTensorFromTensorInfo(info, backend),
  );
}

/** `later` in a gradient function. */
export function laterTensor(
  read: readonly tf.Tensor[],
  shape: readonly number[],
  kernel: LazyTensor['kernel'],
): tf.Tensor {
  return tensorOf((backend) => later(backend, shape, read.map(floatOf), kernel));
}

/**
 * x with an elementwise step after it: at the end of the kernel that will compute x if x is lazy, otherwise in a
 * kernel of its own, which is lazy too.
 * @param tensors operands of the step
 */
export function withStep(
  backend: RetortBackend,
  x: tf.TensorInfo,
  step: Step,
  tensors: readonly tf.TensorInfo[] = [],
): tf.TensorInfo {
  const channels = x.shape.at(-1) ?? 1;
  const given = backend.lazyOf(x);
  const joint = step === 'plus' && given && together(given, backend.lazyOf(tensors[0]!));
  if (joint && buffersOf(joint) <= backend.device.limits.maxStorageBuffersPerShaderStage)
    return backend.postpone([x.shape], joint)[0]!;
  // A reshape may lie between the kernel and this step.
  if (given?.channels === channels) {
    const pending = { ...given, steps: [...given.steps, { step, tensors }] };
    if (buffersOf(pending) <= backend.device.limits.maxStorageBuffersPerShaderStage)
      return backend.postpone([x.shape], pending)[0]!;
  }
  const count = tf.util.sizeFromShape(x.shape);
  const kernel: LazyTensor['kernel'] = (steps) => passing(count, { steps, channels });
  const pending = { inputs: [x], steps: [{ step, tensors }], channels, kernel, isMap: backend.isHalf(x) };
  return backend.postpone([x.shape], pending)[0]!;
}

/** Two sums of terms of one kind as one sum. */
function together(a: LazyTensor, b: LazyTensor | undefined): LazyTensor | null {
  if (!a.sum || !b?.sum || a.sum.key !== b.sum.key || a.steps.length + b.steps.length > 0) return null;
  return a.sum.of([...a.sum.terms, ...b.sum.terms]);
}
