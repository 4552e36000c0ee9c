/** Tables with a row per image that stay on the device: see `kernels/row-kernels.ts`. */
import { isFusedOnWebgpu, floatOf } from './fused-ops';
import { assemblePictures, recallRows, rememberRows, type PictureShape } from './kernels/row-kernels';
import { inGroups } from './kernels/dispatch';
import { tf } from './tf';
import type { RetortBackend } from './webgpu-backend';

export type { PictureShape };

/** Whether the active backend can pick rows of such tables within a step. */
export const canPickRows = isFusedOnWebgpu;

/** Size in bytes of the largest table that a kernel of the active backend can read. Only where `canPickRows`. */
export function largestTable(): number {
  return backend().device.limits.maxStorageBufferBindingSize;
}

/**
 * Assembles images [B,H,W,C] on the device, in the caller's tidy. Only where `canPickRows`.
 * @param bytes int32, each number holding four bytes of [N,H,W,C] images
 * @param picks [B,4] int32: row, shift down, shift right, 1 if mirrored
 * @param numbers value of each byte (or sum of a block's bytes)
 */
export function pictures(
  bytes: tf.Tensor,
  picks: tf.Tensor,
  numbers: tf.Tensor,
  shape: PictureShape,
): tf.Tensor4D {
  const { batch, height, width, channels } = shape;
  const [info] = backend().runRaw(
    assemblePictures(shape),
    [
      { tensor: bytes, access: 'read', stored: 'int32' },
      { tensor: picks, access: 'read', stored: 'int32' },
      { tensor: numbers, access: 'read' },
    ],
    [[batch, height, width, channels]],
  );
  return tf.engine().makeTensorFromTensorInfo(info!, backend()) as tf.Tensor4D;
}

/**
 * Rows of tables [N,...] as [B,...], in the caller's tidy. Only where `canPickRows`.
 * @param rows [B] int32
 */
export function recall(rows: tf.Tensor1D, tables: readonly tf.Tensor[]): tf.Tensor[] {
  const [batch] = rows.shape;
  return groupsOf(tables).flatMap((group) => {
    const infos = backend().runRaw(
      recallRows(batch, group.map(rowSize)),
      [
        { tensor: rows, access: 'read', stored: 'int32' },
        ...group.map((tensor) => ({ tensor, access: 'read' as const })),
      ],
      group.map(({ shape }) => [batch, ...shape.slice(1)]),
    );
    return infos.map((info) => tf.engine().makeTensorFromTensorInfo(info, backend()));
  });
}

/**
 * Writes `parts` [B,...] into rows of tables [N,...], in place. Only where `canPickRows`.
 * @param rows [B] int32
 */
export function remember(rows: tf.Tensor1D, parts: readonly tf.Tensor[], tables: readonly tf.Tensor[]): void {
  const [batch] = rows.shape;
  let at = 0;
  for (const group of groupsOf(tables)) {
    const of = parts.slice(at, (at += group.length));
    tf.tidy(() => {
      backend().runRaw(
        rememberRows(batch, group.map(rowSize)),
        [
          { tensor: rows, access: 'read', stored: 'int32' },
          ...of.map((tensor) => ({ tensor: floatOf(tensor), access: 'read' as const })),
          ...group.map((tensor) => ({ tensor, access: 'read_write' as const })),
        ],
        [],
      );
    });
  }
}

function backend(): RetortBackend {
  return tf.backend() as RetortBackend;
}

function rowSize({ size, shape }: tf.Tensor): number {
  return size / shape[0]!;
}

/** Splits the tables into groups that one dispatch can bind, with their parts and the row numbers. */
function groupsOf(tables: readonly tf.Tensor[]): tf.Tensor[][] {
  return inGroups(tables, Math.floor((backend().device.limits.maxStorageBuffersPerShaderStage - 1) / 2));
}
