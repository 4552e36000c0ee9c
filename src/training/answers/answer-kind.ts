/** What the numbers of answers are, whether they can be that, and how they become what a network puts out. */
import type { TargetSpec } from '../../data/dataset';
import type { NumberScale } from '../../distill/tasks/task';
import { answerKindNames, AnswersProblem, counted, type AnswerKind } from './answer-parts';

/** Sums of probabilities in half precision are off by so much at most. */
const tolerance = 0.02;
/** In place of a probability of 0, whose logarithm is not finite. */
const smallest = 1e-12;

/** Rows of one teacher's answers. */
export interface KnownAnswers {
  where: string;
  /** [rows*width] */
  values: Float64Array;
  width: number;
  /** Number of a row in its file, from 1, for messages. */
  rowText: (row: number) => string;
}

const kinds: readonly AnswerKind[] = ['probabilities', 'log-probabilities', 'logits'];

/** @throws AnswersProblem with a count and an example where a number is none, or is infinite without a meaning */
export function refuseMissing({ values, width, where, rowText }: KnownAnswers): void {
  const rows = new Set<number>();
  values.forEach((value, i) => {
    // The logarithm of a probability of 0.
    if (!Number.isFinite(value) && value !== -Infinity) rows.add(Math.floor(i / width));
  });
  const [first] = rows;
  if (first === undefined) return;
  throw new AnswersProblem(
    `${where}: ${counted(rows.size)} of ${counted(values.length / width)} rows ${rows.size === 1 ? 'holds' : 'hold'} something that is no number (NaN, infinity or an empty cell), such as ${rowText(first)}. Each instance needs a number for each column.`,
  );
}

/** Why the numbers cannot be of a kind, a sentence without its end; null where they can. */
export function kindProblem(
  known: KnownAnswers,
  kind: AnswerKind,
  target: TargetSpec['kind'],
): string | null {
  const { values } = known;
  if (kind === 'logits')
    return values.every(Number.isFinite)
      ? null
      : oddRows(known, (row) => !row.every(Number.isFinite), 'hold an infinite number');
  const isLog = kind === 'log-probabilities';
  const outside = oddRows(
    known,
    (row) => row.some((value) => (isLog ? value > 1e-3 : value < -1e-6 || value > 1 + 1e-3)),
    isLog ? 'hold numbers above 0' : 'hold numbers that are not from 0 to 1',
  );
  if (outside || target === 'labels') return outside;
  const sumOf = (row: Float64Array) => row.reduce((sum, value) => sum + (isLog ? Math.exp(value) : value), 0);
  return oddRows(
    known,
    (row) => Math.abs(sumOf(row) - 1) > tolerance,
    'do not sum to one',
    (row) => sumOf(row).toPrecision(3),
  );
}

function oddRows(
  { values, width, where, rowText }: KnownAnswers,
  isOdd: (row: Float64Array) => boolean,
  what: string,
  detail: (row: Float64Array) => string = () => '',
): string | null {
  let odd = 0;
  let example = '';
  const count = values.length / width;
  for (let row = 0; row < count; row++) {
    const own = values.subarray(row * width, (row + 1) * width);
    if (!isOdd(own)) continue;
    if (odd++ === 0) example = `${rowText(row)}${detail(own) && ` (${detail(own)})`}`;
  }
  if (odd === 0) return null;
  return `${where}: ${odd === count ? 'all' : counted(odd)} of ${counted(count)} rows ${what}, such as ${example}`;
}

/**
 * What they are by their own words, else by their values.
 * @param stated null where the file does not say
 * @throws AnswersProblem where they are said to be, or nearly all are, probabilities and some rows are none
 */
export function kindOf(
  known: KnownAnswers,
  stated: AnswerKind | null,
  target: TargetSpec['kind'],
): AnswerKind {
  if (target === 'number') return 'logits';
  if (stated !== null) {
    const problem = kindProblem(known, stated, target);
    if (problem === null) return stated;
    throw new AnswersProblem(
      `${problem}; its name says that they are ${answerKindNames[stated]}. ${advice(known, stated)}`,
    );
  }
  const tried = target === 'labels' ? kinds.filter((kind) => kind !== 'log-probabilities') : kinds;
  const found = tried.find((kind) => kindProblem(known, kind, target) === null);
  if (found === undefined || found === 'logits') refuseNearly(known, target);
  return found ?? refuseAll(known, target);
}

/** Answers that are probabilities in most rows, or shares of another sum in all, are meant as probabilities. */
function refuseNearly(known: KnownAnswers, target: TargetSpec['kind']): void {
  if (target !== 'class') return;
  const { values, width } = known;
  const count = values.length / width;
  refuseOtherShares(known);
  let whole = 0;
  for (let row = 0; row < count; row++) {
    const own = values.subarray(row * width, (row + 1) * width);
    if (
      own.every((value) => value >= 0) &&
      Math.abs(own.reduce((sum, value) => sum + value, 0) - 1) <= tolerance
    )
      whole++;
  }
  if (whole > count / 2)
    throw new AnswersProblem(
      `${kindProblem(known, 'probabilities', target)}; the others are probabilities. ${advice(known, 'probabilities')}`,
    );
}

/** Sums of rows that differ by less than this share of themselves are one sum. */
const sameSum = 0.01;

/** Shares of one sum, such as percentages; rows of logits have sums of their own. */
function refuseOtherShares(known: KnownAnswers): void {
  const { values, width } = known;
  const count = values.length / width;
  if (count < 2 || values.some((value) => !(value >= 0))) return;
  const sums = Array.from({ length: count }, (_, row) =>
    values.subarray(row * width, (row + 1) * width).reduce((sum, value) => sum + value, 0),
  );
  const mean = sums.reduce((sum, value) => sum + value, 0) / count;
  // A row of zeros and ones has a sum of its own by chance.
  if (values.every(Number.isInteger) && mean < 20) return;
  if (mean > 0 && sums.every((sum) => Math.abs(sum - mean) <= sameSum * mean))
    throw new AnswersProblem(
      `${kindProblem(known, 'probabilities', 'class')}, and each row has the same sum, so they are no logits. ${advice(known, 'probabilities')} If they are logits all the same, put “logits” into the name of the file.`,
    );
}

function refuseAll(known: KnownAnswers, target: TargetSpec['kind']): never {
  throw new AnswersProblem(`${kindProblem(known, 'logits', target)}. Logits are finite numbers.`);
}

function advice({ values, width }: KnownAnswers, kind: AnswerKind): string {
  const total = values.reduce((sum, value) => sum + value, 0) / (values.length / width);
  if (kind === 'probabilities' && Math.abs(total - 100) < 1) return 'They sum to 100: divide them by 100.';
  return kind === 'probabilities'
    ? 'Save each row as probabilities that sum to one, or save logits.'
    : 'Save logits, or probabilities that sum to one.';
}

/** Answers as a network of the task would put them out, [rows*width]. @param scale of numbers */
export function outputsOf(
  values: Float64Array,
  kind: AnswerKind,
  target: TargetSpec['kind'],
  scale: NumberScale | null,
): Float32Array {
  if (scale) {
    const { mean, deviation } = scale;
    return Float32Array.from(
      values,
      (value, i) => (value - mean[i % mean.length]!) / deviation[i % mean.length]!,
    );
  }
  if (kind === 'logits') return Float32Array.from(values);
  const logOf = (value: number) =>
    kind === 'probabilities' ? Math.log(Math.max(value, smallest)) : Math.max(value, Math.log(smallest));
  if (target === 'class') return Float32Array.from(values, logOf);
  // Of a label by itself: log p - log(1 - p).
  return Float32Array.from(values, (value) => {
    const log = Math.min(logOf(value), -smallest);
    return log - Math.log(-Math.expm1(log));
  });
}

/** Top classes of each row as probabilities of all; what is left is spread evenly over the others. [rows*classes] */
export function spreadTop(
  { where, values, width, rowText }: KnownAnswers,
  top: Int32Array,
  classes: number,
  stated: AnswerKind | null,
): Float64Array {
  const rows = values.length / width;
  const known = { where, values, width, rowText };
  const isLog = stated === 'log-probabilities' || (stated === null && values.every((value) => value <= 0));
  const shares = isLog ? values.map(Math.exp) : values;
  const out = new Float64Array(rows * classes);
  const problem =
    stated === 'logits'
      ? `${where} holds the logits of ${width} classes a row`
      : oddRows(
          { ...known, values: shares },
          (row) =>
            row.some((value) => value < 0 || value > 1 + 1e-3) ||
            row.reduce((sum, value) => sum + value, 0) > 1 + tolerance,
          'hold no probabilities of the top classes',
        );
  if (problem)
    throw new AnswersProblem(
      `${problem}. Of the top classes probabilities are wanted (or their logarithms): what they leave is spread over the others, and logits do not say how much that is.`,
    );
  for (let row = 0; row < rows; row++) {
    const own = top.subarray(row * width, (row + 1) * width);
    const odd = own.findIndex((label, k) => !(label >= 0 && label < classes) || own.indexOf(label) !== k);
    if (odd >= 0)
      throw new AnswersProblem(
        `${where}, ${rowText(row)}: ${own[odd]} is no class of this set, or is there twice. Classes are numbered from 0 to ${classes - 1}.`,
      );
    const left = 1 - shares.subarray(row * width, (row + 1) * width).reduce((sum, value) => sum + value, 0);
    out.fill(Math.max(left, 0) / Math.max(1, classes - width), row * classes, (row + 1) * classes);
    own.forEach((label, k) => (out[row * classes + label] = shares[row * width + k]!));
  }
  return out;
}
