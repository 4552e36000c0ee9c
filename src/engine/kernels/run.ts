import { floatOf } from '../fused-ops';
import type { Pending, Step } from '../pending';
import { tf } from '../tf';
import type { RawKernel, RetortBackend } from '../webgpu-backend';
import { passing } from './wgsl';

/** One dispatch over tensors that are only read. */
export function dispatch(
  backend: RetortBackend,
  kernel: RawKernel,
  read: readonly tf.TensorInfo[],
  outputs: readonly (readonly number[])[],
): tf.TensorInfo[] {
  return backend.runRaw(
    kernel,
    read.map((tensor) => ({ tensor, access: 'read' })),
    outputs,
  );
}

/** Frees what a kernel needed in between. */
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

/** A dispatch that is put off until somebody looks at its result; steps may be added to it until then. */
export function later(
  backend: RetortBackend,
  shape: readonly number[],
  inputs: readonly tf.TensorInfo[],
  kernel: Pending['kernel'],
): tf.TensorInfo {
  return backend.postpone(shape, { inputs, steps: [], channels: shape.at(-1) ?? 1, kernel });
}

/** The same in a gradient function: the result belongs to the surrounding tidy. */
export function laterTensor(
  read: readonly tf.Tensor[],
  shape: readonly number[],
  kernel: Pending['kernel'],
): tf.Tensor {
  const backend = tf.backend() as RetortBackend;
  return tf.engine().makeTensorFromTensorInfo(later(backend, shape, read.map(floatOf), kernel), backend);
}

/**
 * x with a step after it: at the end of the kernel that x is still to come from, if there is one, else in a kernel of
 * its own. Not computed before somebody looks, either.
 * @param others the step's own tensors
 */
export function withStep(
  backend: RetortBackend,
  x: tf.TensorInfo,
  step: Step,
  others: readonly tf.TensorInfo[] = [],
): tf.TensorInfo {
  const pending = backend.pendingOf(x);
  const channels = x.shape.at(-1) ?? 1;
  const most = backend.device.limits.maxStorageBuffersPerShaderStage;
  // One more is the result. Between the kernel and here there may be a reshape.
  if (pending?.channels === channels && pending.inputs.length + others.length < most)
    return backend.postpone(x.shape, {
      ...pending,
      inputs: [...pending.inputs, ...others],
      steps: [...pending.steps, step],
    });
  const count = tf.util.sizeFromShape(x.shape);
  return backend.postpone(x.shape, {
    inputs: [x, ...others],
    steps: [step],
    channels,
    kernel: (steps) => passing(count, { steps, channels }),
  });
}

/** `withStep` in a gradient function. */
export function tensorWithStep(x: tf.Tensor, step: Step, others: readonly tf.Tensor[]): tf.Tensor {
  const backend = tf.backend() as RetortBackend;
  return tf
    .engine()
    .makeTensorFromTensorInfo(withStep(backend, floatOf(x), step, others.map(floatOf)), backend);
}
