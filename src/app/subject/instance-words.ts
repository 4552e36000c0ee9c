/** What an instance of a data set is called: the one source of "image" and "row" in texts about a run. */
import type { InputSpec } from '../../data/dataset';

export interface InstanceWords {
  one: string;
  many: string;
  /** At the beginning of a label. */
  One: string;
  Many: string;
}

const words: Readonly<Record<InputSpec['kind'], InstanceWords>> = {
  image: { one: 'image', many: 'images', One: 'Image', Many: 'Images' },
  vector: { one: 'row', many: 'rows', One: 'Row', Many: 'Rows' },
};

/** @param facts of a run or a recipe; a shape of one number is that of a table's rows */
export function instanceWords(
  facts: { dataset: { shape: readonly number[] } } | null | undefined,
): InstanceWords {
  return words[facts?.dataset.shape.length === 1 ? 'vector' : 'image'];
}
