/** What a file says that a teacher answered, before it is matched with a set: some rows of one split, or of a whole set. */

export type AnswerKind = 'logits' | 'log-probabilities' | 'probabilities';

export const answerKindNames: Readonly<Record<AnswerKind, string>> = {
  logits: 'logits',
  'log-probabilities': 'log-probabilities',
  probabilities: 'probabilities',
};

export type SplitName = 'train' | 'test';

/** Which row of the set each row of a part is, by a column of its file. */
export type RowKey =
  | { kind: 'name'; of: string; values: readonly string[] }
  | { kind: 'index'; of: string; values: Float64Array };

export interface AnswerPart {
  /** File and array, for messages. */
  where: string;
  /** Parts of one teacher have the same; "" where the file names none. */
  teacher: string;
  split: SplitName | null;
  rows: number;
  /** [rows*width] */
  values: Float64Array;
  width: number;
  /** [rows*width] the class of each value, where only the top classes of a row are given. */
  top: Int32Array | null;
  /** Names of the values' columns; null where the file gives none. */
  columns: readonly string[] | null;
  key: RowKey | null;
  /** [rows] the split of each row, where a column says it */
  splits: readonly (SplitName | null)[] | null;
  /** As the file's own words have it; null where they say nothing. */
  kind: AnswerKind | null;
}

/** Ends the reading with a sentence for the user: what, where, what to do. */
export class AnswersProblem extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'AnswersProblem';
  }
}

/** "1,234". */
export const counted = (count: number): string => count.toLocaleString('en-GB');

/** "1 row", "2 rows". */
export const rowsText = (count: number): string => `${counted(count)} ${count === 1 ? 'row' : 'rows'}`;
