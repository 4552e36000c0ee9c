/** Kernels of networks in low precision as whole numbers with one step, for exports and charts. */
import type { WeightRounding } from '../../engine/ops';

/** A rounded kernel: each number is `integers[i] * step`. */
export interface IntegerWeights {
  /** Between -(2^bits - 1) and 2^bits - 1. */
  integers: Int16Array<ArrayBuffer>;
  step: number;
}

/** What `roundedWeights` (engine/quantise.ts) computes, from plain numbers in any order. */
export function integerWeights(kernel: Float32Array, { rule, bits }: WeightRounding): IntegerWeights {
  const whole = (value: (weight: number) => number) => Int16Array.from(kernel, (weight) => value(weight));
  switch (rule) {
    case 'wrpn': {
      const n = 2 ** (bits - 1) - 1;
      return { integers: whole((weight) => toEven(Math.fround(clip(weight) * n))), step: 1 / n };
    }
    case 'scaled': {
      const n = 2 ** (bits - 1) - 1;
      const scale = Math.max(largest(kernel), 1e-12);
      return {
        integers: whole((weight) => toEven(Math.fround(Math.fround(weight / scale) * n))),
        step: scale / n,
      };
    }
    case 'dorefa': {
      if (bits === 1) {
        const mean = kernel.reduce((sum, weight) => sum + Math.abs(weight), 0) / kernel.length;
        return { integers: whole((weight) => (weight >= 0 ? 1 : -1)), step: mean };
      }
      const n = 2 ** bits - 1;
      const most = Math.max(Math.tanh(largest(kernel)), 1e-12);
      const place = (weight: number) => toEven(Math.fround(n * (Math.tanh(weight) / (2 * most) + 0.5)));
      return { integers: whole((weight) => 2 * place(weight) - n), step: 1 / n };
    }
  }
}

/** The numbers that a layer computes with. */
export function roundedNumbers(kernel: Float32Array, rounding: WeightRounding): Float32Array<ArrayBuffer> {
  const { integers, step } = integerWeights(kernel, rounding);
  return Float32Array.from(integers, (value) => value * step);
}

const clip = (weight: number) => Math.min(1, Math.max(-1, weight));

function largest(kernel: Float32Array): number {
  return kernel.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
}

/** To the next whole number, ties to the even one (`Math.round` takes the higher one). */
function toEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  if (rest === 0.5) return low % 2 === 0 ? low : low + 1;
  return rest < 0.5 ? low : low + 1;
}
