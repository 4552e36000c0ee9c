/** Kernels over buffers of half precision: what becomes of a kernel's source. That it computes is tried on a device. */
import { expect, test } from 'vitest';
import { inHalf } from '../../../src/engine/kernels/half-storage';
import { normalise } from '../../../src/engine/kernels/norm-rows';
import type { RawKernel } from '../../../src/engine/raw-kernel';

const kernel = (body: string): RawKernel => ({
  name: 'some kernel',
  workgroups: [1, 1, 1],
  wgsl: `@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> at: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
${body}`,
});
const bodyOf = ({ wgsl }: RawKernel) => wgsl.split('\n').slice(4).join('\n');

test('loads and stores are converted, and only those of buffers in half precision', () => {
  const source = kernel(
    'y[i + at[2]] = max(x[at[i]].y, y[i]) * xx[1] + s.x[2];\nif (y[0] == x[1].x) { y[1] = 0; }',
  );
  const both = inHalf(source, [true, false, true]);
  expect(both.wgsl.split('\n').slice(0, 4)).toEqual([
    'enable f16;',
    '@group(0) @binding(0) var<storage, read> x: array<vec4h>;',
    '@group(0) @binding(1) var<storage, read> at: array<u32>;',
    '@group(0) @binding(2) var<storage, read_write> y: array<f16>;',
  ]);
  expect(bodyOf(both)).toBe(
    'y[i + at[2]] = f16(max(vec4f(x[at[i]]).y, f32(y[i])) * xx[1] + s.x[2]);\nif (f32(y[0]) == vec4f(x[1]).x) { y[1] = f16(0); }',
  );
  expect(bodyOf(inHalf(source, [true, false, false]))).toBe(
    'y[i + at[2]] = max(vec4f(x[at[i]]).y, y[i]) * xx[1] + s.x[2];\nif (y[0] == vec4f(x[1]).x) { y[1] = 0; }',
  );
});

test('places within the brackets of an access are converted too', () => {
  expect(bodyOf(inHalf(kernel('let v = x[i32(y[3])];'), [true, false, true]))).toBe(
    'let v = vec4f(x[i32(f32(y[3]))]);',
  );
});

test('a kernel whose buffer cannot be halved is refused', () => {
  expect(() => inHalf(kernel('y[0] += 1;'), [false, false, true])).toThrow(
    'some kernel changes y in place, which cannot be half precision.',
  );
  expect(() => inHalf(kernel(''), [false, true, false])).toThrow('some kernel has no numbers at binding 1.');
});

test('operands of the steps at the end of a kernel can be in half precision', () => {
  const made = inHalf(normalise({ rows: 8, channels: 8 }, ['plus', 'relu']), [true, false, true, true]);
  expect(made.wgsl).toContain('v += vec4f(s0[at]);');
  expect(made.wgsl).toContain('y[at] = vec4h(finish(at, (vec4f(x[at]) - m) * inverse * gamma + o));');
  expect(made.wgsl).toContain('let m = coefficients[group];');
});
