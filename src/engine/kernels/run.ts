import { floatOf } from '../fused-ops';
import { tf } from '../tf';
import type { RawKernel, RetortBackend } from '../webgpu-backend';

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
