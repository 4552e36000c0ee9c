/** Directional derivatives of the hint losses, per image and hint (HKD's meta step). */
import type { RawKernel } from '../webgpu-backend';
import { flat } from './wgsl';

/**
 * ahead, behind (losses at the probes), norm, eps, rate, factor [one each] -> minus the slope, times rate * factor and
 * unscaled; 0 where there is none.
 */
export function slopes(count: number): RawKernel {
  return flat({
    name: 'slopes along a probe',
    read: ['ahead', 'behind', 'norm', 'eps', 'rate', 'factor'].map((name) => `${name}: f32`),
    write: ['values: f32', 'unscaled: f32'],
    threads: count,
    body: `
      let slope = (ahead[i] - behind[i]) / (2 * eps[0]);
      // Tests the bits, because a compiler may assume that all numbers are finite.
      let finite = (bitcast<u32>(slope) & 0x7f800000u) != 0x7f800000u;
      let lesson = select(0.0, -slope, finite && norm[0] > 1e-8);
      values[i] = lesson * (rate[0] * factor[0]);
      unscaled[i] = lesson;`,
  });
}

/**
 * hypergradients, weights [B,H] -> for hints `first` to `first + count - 1` the norm of the first, then the standard
 * deviation of the second [one each]; one thread per hint.
 */
export function lengthAndDeviation(
  batch: number,
  hints: number,
  { first, count }: { first: number; count: number },
): RawKernel {
  const each = Array.from({ length: count }, (_, n) => n);
  const store = (n: number) => `if (i == ${n}) { length${n}[0] = length; deviation${n}[0] = deviation; }`;
  return flat({
    name: 'length and deviation per hint',
    read: ['x: f32', 'w: f32'],
    write: [...each.map((n) => `length${n}: f32`), ...each.map((n) => `deviation${n}: f32`)],
    threads: count,
    body: `
      var squares = 0.0;
      var sum = 0.0;
      for (var b = 0; b < ${batch}; b++) {
        let value = x[b * ${hints} + ${first} + i];
        squares += value * value;
        sum += w[b * ${hints} + ${first} + i];
      }
      let mean = sum / ${batch};
      var distances = 0.0;
      for (var b = 0; b < ${batch}; b++) {
        let distance = w[b * ${hints} + ${first} + i] - mean;
        distances += distance * distance;
      }
      let length = sqrt(squares);
      let deviation = sqrt(distances / ${batch});
      ${each.map(store).join('\n')}`,
  });
}
