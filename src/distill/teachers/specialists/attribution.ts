import type { Joining } from './unified';

/**
 * Divides a target among the specialists behind it: the probability of each class goes to the branches that know it in
 * proportion to exp(output), so that over all branches the parts add up to the target. Only drawn, not trained with.
 * @param target probabilities [N*C] of the joined network
 * @param heads outputs [N*k] per branch, “none of mine” last where there is one
 * @returns [N*C] per branch
 */
export function attribution(
  target: ArrayLike<number>,
  heads: readonly ArrayLike<number>[],
  { sets, classes, other }: Pick<Joining, 'sets' | 'classes' | 'other'>,
): number[][] {
  const rows = target.length / classes;
  const parts = sets.map(() => new Array<number>(rows * classes).fill(0));
  const output = (b: number, row: number, k: number) =>
    heads[b]![row * (sets[b]!.length + (other[b] === 'none' ? 0 : 1)) + k]!;
  for (let row = 0; row < rows; row++)
    for (let c = 0; c < classes; c++) {
      const known = sets.flatMap((set, b) => {
        const k = set.indexOf(c);
        return k < 0 ? [] : [{ b, score: output(b, row, k) }];
      });
      const highest = Math.max(...known.map(({ score }) => score));
      const powers = known.map(({ score }) => Math.exp(score - highest));
      const sum = powers.reduce((total, power) => total + power, 0);
      known.forEach(({ b }, i) => {
        parts[b]![row * classes + c] = (target[row * classes + c]! * powers[i]!) / sum;
      });
    }
  return parts;
}
