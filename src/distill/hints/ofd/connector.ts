import type { Ops } from '../../../engine/ops';

/** The student's map on the teacher's channels: 1x1 convolution without bias, batch norm, no ReLU. */
export function connectOfd<T>(ops: Ops<T>, map: T, filters: number, prefix: string): T {
  // Normal with deviation sqrt(2 / filters), as in the authors' code: the fan-out of a 1x1 kernel is its filters.
  const convolved = ops.conv(map, { name: `${prefix}conv`, filters, kernel: 1, init: 'he-fan-out' });
  return ops.batchNorm(convolved, `${prefix}bn`);
}
