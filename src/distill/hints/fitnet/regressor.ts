import type { Ops } from '../../../engine/ops';

/** How the regressor brings a map of side `from` to side `to`. */
export type Geometry =
  | { kind: 'conv'; kernel: number; stride: number; padding: number }
  | { kind: 'transposed' }
  /** No regressor fits: 3x3 on the student's side, and the larger map is pooled to the smaller. */
  | { kind: 'pooled' };

/**
 * The rule of RepDistiller's ConvReg, by spatial side; ratios it leaves undefined follow SemCKD's variant.
 */
export function regressorGeometry(from: number, to: number): Geometry {
  if (from === 2 * to) return { kind: 'conv', kernel: 3, stride: 2, padding: 1 };
  if (2 * from === to) return { kind: 'transposed' };
  if (from >= to) return { kind: 'conv', kernel: 1 + from - to, stride: 1, padding: 0 };
  return { kind: 'pooled' };
}

/** Convolution with bias and batch norm: [B,s,s,C_s] -> [B,t,t,C_t]. */
export function connect<T>(ops: Ops<T>, map: T, geometry: Geometry, filters: number, prefix = ''): T {
  return ops.batchNorm(convolve(ops, map, geometry, filters, prefix), `${prefix}bn`);
}

/** The same with a ReLU, for targets behind one. */
export function regress<T>(ops: Ops<T>, map: T, geometry: Geometry, filters: number): T {
  return ops.batchNormRelu(convolve(ops, map, geometry, filters, ''), 'bn');
}

function convolve<T>(ops: Ops<T>, map: T, geometry: Geometry, filters: number, prefix: string): T {
  const name = `${prefix}conv`;
  if (geometry.kind === 'transposed')
    return ops.convTranspose(map, { name, filters, kernel: 4, stride: 2, padding: 1, bias: true });
  const shape = geometry.kind === 'conv' ? geometry : { kernel: 3, stride: 1, padding: 1 };
  return ops.conv(map, { name, filters, bias: true, ...shape });
}
