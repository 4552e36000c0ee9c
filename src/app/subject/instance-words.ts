/** What an instance of a data set is called: the one source of "image" and "row" in texts about a run. */
import type { InputSpec } from '../../data/dataset';
import { modalityAbouts } from '../../distill/modalities/about';

export interface InstanceWords {
  one: string;
  many: string;
  /** At the beginning of a label. */
  One: string;
  Many: string;
}

const capital = (word: string) => word[0]!.toUpperCase() + word.slice(1);

/** Of the instances of a kind of input. */
export function wordsOfInput(kind: InputSpec['kind']): InstanceWords {
  const { one, many } = modalityAbouts[kind];
  return { one, many, One: capital(one), Many: capital(many) };
}

/** @param facts of a run or a recipe; a shape of one number is that of a table's rows */
export function instanceWords(
  facts: { dataset: { shape: readonly number[] } } | null | undefined,
): InstanceWords {
  return wordsOfInput(facts?.dataset.shape.length === 1 ? 'vector' : 'image');
}
