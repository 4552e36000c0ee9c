/** A network's answers on a set as a file that this page reads back as a teacher, and others as a plain table. */
import type { SetAnswers } from '../training/events';
import { csvTable, exactText, type Cell } from './csv-table';
import { npz, type NumpyArray } from './npy';

export type AnswersFormat = 'npz' | 'csv';

/** @returns the file's bytes */
export function answersFile(answers: SetAnswers, format: AnswersFormat): Uint8Array<ArrayBuffer> {
  return format === 'npz' ? answersNpz(answers) : new TextEncoder().encode(answersCsv(answers));
}

/** What the numbers are called: logits, or numbers in the target's unit. */
const wordOf = ({ target }: SetAnswers) => (target === 'number' ? 'numbers' : 'logits');

const splitsOf = (answers: SetAnswers) =>
  (['train', 'test'] as const).flatMap((split) => {
    const values = answers[split];
    return values ? [{ split, values: shown(answers, values) }] : [];
  });

/** Numbers in the unit of the target; logits as they are. */
function shown({ scale }: SetAnswers, values: Float32Array): Float32Array {
  if (!scale) return values;
  const { mean, deviation } = scale;
  return values.map((value, i) => value * deviation[i % mean.length]! + mean[i % mean.length]!);
}

/** `train_logits` [N,C] float32, `train_index` [N], the same of the test split, and `classes` [C], the names of the columns. */
function answersNpz(answers: SetAnswers): Uint8Array<ArrayBuffer> {
  const { names, target } = answers;
  const arrays: Record<string, NumpyArray> = {};
  for (const { split, values } of splitsOf(answers)) {
    const rows = values.length / names.length;
    arrays[`${split}_${wordOf(answers)}`] = { shape: [rows, names.length], values };
    arrays[`${split}_index`] = { shape: [rows], values: Int32Array.from({ length: rows }, (_, row) => row) };
  }
  arrays[target === 'class' ? 'classes' : 'columns'] = { shape: [names.length], values: names };
  return npz(arrays);
}

/** One row per instance: its split, its number in the split, and a column for each output, such as `logit_cat`. */
function answersCsv(answers: SetAnswers): string {
  const { names } = answers;
  const prefix = wordOf(answers) === 'logits' ? 'logit_' : '';
  function* rows(): Generator<Cell[]> {
    for (const { split, values } of splitsOf(answers))
      for (let row = 0; row < values.length / names.length; row++)
        yield [split, row, ...values.subarray(row * names.length, (row + 1) * names.length)];
  }
  return csvTable(['split', 'index', ...names.map((name) => prefix + name)], rows(), exactText);
}
