/** What a model's numbers are as answers for a set, and how well they fit its targets. */
import { targetsOf, type Dataset, type TargetSpec, type Targets } from '../../data/dataset';
import { scaleOf } from '../../distill/tasks/number-scale';
import { kindOf, outputsOf, refuseMissing } from '../answers/answer-kind';
import { AnswersProblem, type AnswerKind } from '../answers/answer-parts';
import type { Unit } from './about';
import type { Rows } from './asked';
import { OnnxProblem } from './model-file';

/** Of each number over the training rows. */
export interface Moments {
  mean: readonly number[];
  deviation: readonly number[];
}

export interface Answers {
  /** [rows*outputs] */
  values: Float64Array;
  kind: AnswerKind;
  unit: Unit;
}

export interface Fitness {
  /** Share of right answers; of numbers R²: higher is better. */
  score: number;
  /** Between equal scores: lower is better. */
  loss: number;
}

/** Numbers of an output for each instance that can be answers: one for each class, label or number; one for two classes. */
export function canAnswer(width: number, { kind, names }: TargetSpec): boolean {
  return width === names.length || (kind === 'class' && names.length === 2 && width === 1);
}

/** @throws OnnxProblem where a number is none */
export function answersOf(
  { values }: Rows,
  width: number,
  { kind: target, names }: TargetSpec,
  unit: Unit,
  moments: Moments | null,
): Answers {
  const outputs = names.length;
  const wide = Float64Array.from(values);
  const rowText = (row: number) => `instance ${row + 1}`;
  try {
    const known = { where: 'The model', values: wide, width, rowText };
    refuseMissing(known);
    if (target === 'number') {
      const raw = moments && unit === 'standardised' ? inUnit(wide, moments) : wide;
      return { values: raw, kind: 'logits', unit };
    }
    if (width < outputs) return { ...ofTwo(wide), unit: 'own' };
    const kind = kindOf(known, null, target);
    return { values: wide, kind, unit: 'own' };
  } catch (error) {
    if (error instanceof AnswersProblem) throw new OnnxProblem(error.message, { cause: error });
    throw error;
  }
}

/** One number for the second of two classes, a probability or a logit, as answers for both. */
function ofTwo(second: Float64Array): Pick<Answers, 'values' | 'kind'> {
  const isShare = second.every((value) => value >= 0 && value <= 1);
  const values = new Float64Array(2 * second.length);
  second.forEach((value, row) => {
    values[2 * row] = isShare ? 1 - value : 0;
    values[2 * row + 1] = value;
  });
  return { values, kind: isShare ? 'probabilities' : 'logits' };
}

const inUnit = (values: Float64Array, { mean, deviation }: Moments) =>
  values.map((value, i) => value * deviation[i % mean.length]! + mean[i % mean.length]!);

/** Mean and deviation of each number of the training targets; null for other targets. */
export function momentsOf({ target, train }: Dataset): Moments | null {
  return target.kind === 'number' ? scaleOf(targetsOf(train)) : null;
}

/** @param targets of the same rows */
export function fitnessOf({ values, kind }: Answers, target: TargetSpec['kind'], targets: Targets): Fitness {
  const width = target === 'class' ? values.length / targets.known.length : targets.width;
  if (target === 'number') return ofNumbers(values, targets);
  const logits = outputsOf(values, kind, target, null);
  return target === 'class' ? ofClasses(logits, width, targets) : ofLabels(logits, targets);
}

function ofClasses(logits: Float32Array, width: number, { values, known }: Targets): Fitness {
  let [right, loss, rows] = [0, 0, 0];
  known.forEach((isKnown, row) => {
    if (isKnown !== 1) return;
    const own = logits.subarray(row * width, (row + 1) * width);
    const top = own.reduce((best, value, c) => (value > own[best]! ? c : best), 0);
    const most = own[top]!;
    const label = values[row]!;
    rows++;
    right += top === label ? 1 : 0;
    loss += most + Math.log(own.reduce((sum, value) => sum + Math.exp(value - most), 0)) - own[label]!;
  });
  return { score: right / Math.max(1, rows), loss: loss / Math.max(1, rows) };
}

function ofLabels(logits: Float32Array, { values, width, known }: Targets): Fitness {
  let [right, loss, count] = [0, 0, 0];
  logits.forEach((logit, i) => {
    if (known[Math.floor(i / width)] !== 1) return;
    const signed = values[i] === 1 ? logit : -logit;
    count++;
    right += signed > 0 ? 1 : 0;
    loss += Math.log1p(Math.exp(-Math.abs(signed))) + Math.max(0, -signed);
  });
  return { score: right / Math.max(1, count), loss: loss / Math.max(1, count) };
}

function ofNumbers(answers: Float64Array, { values, width, known }: Targets): Fitness {
  const each = Array.from({ length: width }, (_, k) => {
    const rows = Array.from(known.keys()).filter((row) => known[row] === 1);
    const mean = rows.reduce((sum, row) => sum + values[row * width + k]!, 0) / Math.max(1, rows.length);
    let [wrong, spread] = [0, 0];
    for (const row of rows) {
      wrong += (answers[row * width + k]! - values[row * width + k]!) ** 2;
      spread += (values[row * width + k]! - mean) ** 2;
    }
    return 1 - wrong / (spread || 1);
  });
  const score = each.reduce((sum, one) => sum + one, 0) / Math.max(1, width);
  return { score, loss: -score };
}
