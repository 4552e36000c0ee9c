/** How numbers are brought to mean 0 and deviation 1; no tensor. */
import type { Targets } from '../../data/dataset';
import type { NumberScale } from './task';

/** Mean and deviation of each number over the rows that have a target. */
export function scaleOf({ values, width, known }: Targets): NumberScale {
  const each = Array.from({ length: width }, (_, column) => {
    const numbers = Array.from(known.keys())
      .filter((row) => known[row] === 1)
      .map((row) => values[row * width + column]!);
    const mean = numbers.reduce((sum, value) => sum + value, 0) / Math.max(1, numbers.length);
    const squares = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = Math.sqrt(squares / Math.max(1, numbers.length));
    // Numbers that are all the same have no spread to divide by.
    return { mean, deviation: deviation > 0 ? deviation : 1 };
  });
  return { mean: each.map(({ mean }) => mean), deviation: each.map(({ deviation }) => deviation) };
}
