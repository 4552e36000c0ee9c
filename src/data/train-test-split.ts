/** Assigns images to training, test or neither. */
import { RandomStream } from '../random/streams';
import type { RawPart } from './raw-dataset';
import { Refusal, type ImportContext } from './import-context';
import { counted } from './limits';

/** Instances in a row that the files assign to one split. */
export type SplitPart = Pick<RawPart, 'role' | 'count'>;

/** How a message calls the instances, and the groups whose shares are kept. */
interface SplitWords {
  instances: string;
  each: string;
}

/** Where an image goes. */
const mark = { train: 0, test: 1, out: 2 } as const;

/**
 * Marks each image, parts in order: 0 = training, 1 = test, 2 = left out, as those of label -1. Uses the split that the
 * files state, otherwise a stratified one by seed. Throws a refusal when a class has too few images for both.
 */
export function splitMarks(
  parts: readonly SplitPart[],
  labels: Int32Array,
  names: readonly string[],
  context: ImportContext,
  words: SplitWords = { instances: 'images', each: 'of each class' },
): Uint8Array {
  const roles = new Set(parts.filter(({ count }) => count > 0).map(({ role }) => role));
  const testRole = roles.has('test') ? 'test' : roles.has('validation') ? 'validation' : null;
  const hasTraining =
    roles.has('train') || roles.has(null) || (roles.has('validation') && testRole === 'test');
  if (testRole === null || !hasTraining) {
    if (testRole !== null)
      context.warn(
        `Only a ${testRole} part was found, so it was split. Add the training part if there is one.`,
      );
    return stratified(
      labels,
      names,
      context,
      words,
      'No split into training and test was found; one was made',
    );
  }
  const choice = context.pick('split', `Training and test ${words.instances}`, splits, 'files');
  if (choice === 'own') return stratified(labels, names, context, words, 'A new split was made');
  if (testRole === 'validation')
    context.warn(`There is no test part; the validation ${words.instances} are used for testing.`);
  const spare =
    roles.has('validation') && testRole === 'test' ? spareMark(parts, context, words) : mark.train;
  const marks = new Uint8Array(labels.length);
  let at = 0;
  for (const { role, count } of parts) {
    marks.fill(role === testRole ? mark.test : role === 'validation' ? spare : mark.train, at, at + count);
    at += count;
  }
  for (const [row, label] of labels.entries()) if (label < 0) marks[row] = mark.out;
  return marks;
}

const splits = [
  { value: 'files', text: 'as in the files' },
  { value: 'own', text: 'split anew' },
] as const;

const validations = [
  { value: 'train', text: 'are trained on' },
  { value: 'test', text: 'are tested on' },
  { value: 'out', text: 'are left out' },
] as const;

/** The mark of validation images when there are training and test images. */
function spareMark(parts: readonly SplitPart[], context: ImportContext, { instances }: SplitWords): number {
  const count = parts.reduce((sum, { role, count }) => sum + (role === 'validation' ? count : 0), 0);
  const choice = context.pick('validation', `Validation ${instances}`, validations, 'train') ?? 'train';
  const done = {
    train: `were added to the training ${instances}; the run can keep some apart again`,
    test: `were added to the test ${instances}`,
    out: 'were left out',
  };
  context.warn(`The ${counted(count)} validation ${instances} ${done[choice]}.`);
  return mark[choice];
}

function stratified(
  labels: Int32Array,
  names: readonly string[],
  context: ImportContext,
  { instances, each }: SplitWords,
  why: string,
): Uint8Array {
  const percent = context.number('testShare', 'Kept for the test', { min: 5, max: 50, unit: '%' }, 20);
  const seed = context.number('seed', 'Seed of the split', { min: 1, max: 999_999, unit: '' }, 1);
  const marks = new Uint8Array(labels.length);
  const rows: number[][] = names.map(() => []);
  for (const [row, label] of labels.entries())
    if (label >= 0) rows[label]!.push(row);
    else marks[row] = mark.out;
  const stream = RandomStream.fork(seed, 'split');
  for (const [label, own] of rows.entries()) {
    if (own.length < 2)
      throw new Refusal(
        `Class "${names[label]}" has only 1 of the ${instances}; each class needs at least 2, one to learn from and one to test. Add ${instances} or leave the class out.`,
      );
    const tests = Math.max(1, Math.round((own.length * percent) / 100));
    for (const row of stream.shuffle(own).slice(0, tests)) marks[row] = mark.test;
  }
  context.warn(`${why}, ${100 - percent} % to ${percent} % ${each}, with seed ${seed}.`);
  return marks;
}
