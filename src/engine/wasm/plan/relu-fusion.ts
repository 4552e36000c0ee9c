/**
 * Lets batch norm's kernel cut off at zero by itself where a recorded step calls ReLU right after it and nothing else reads
 * what lies between: the maps are written once less and read once less. The numbers are the same to the bit.
 */
import type { Entry, OwnEntry } from './entries';

/** Operands of `normalise` and `relu`, see `assembly/norm.ts` and `assembly/elements.ts`. */
const normalise = { coefficients: 1, result: 2, cutsOff: 5 } as const;
const relu = { input: 0, result: 1 } as const;

/** A batch norm whose result a ReLU takes. */
export interface ReluPair {
  /** Data between them. */
  between: object;
  norm: OwnEntry;
  relu: OwnEntry;
}

/** The pair that two neighbouring entries are; null if they are none. @param between data that the second reads */
export function reluPair(before: Entry | undefined, entry: OwnEntry, between: object): ReluPair | null {
  if (entry.name !== 'relu' || !before || !('operands' in before) || before.name !== 'normalise') return null;
  const [from, to] = [entry.operands[relu.input]!, entry.operands[relu.result]!];
  const isNext = before.operands[normalise.result] === from && before.operands[normalise.cutsOff] === 0;
  // The memory of the coefficients may have become that of the result.
  return isNext && before.operands[normalise.coefficients] !== to
    ? { between, norm: before, relu: entry }
    : null;
}

/** Makes one entry of each pair. @param isAlone whether nothing but the pair knows the data between */
export function fuseRelus(
  entries: Entry[],
  pairs: readonly ReluPair[],
  isAlone: (between: object) => boolean,
): void {
  for (const pair of pairs) {
    if (!isAlone(pair.between)) continue;
    pair.norm.operands[normalise.result] = pair.relu.operands[relu.result]!;
    pair.norm.operands[normalise.cutsOff] = 1;
    entries.splice(entries.indexOf(pair.relu), 1);
  }
}
