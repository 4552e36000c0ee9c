/** What is learned of images: numbers or several labels, where their labels are no classes. */
import { labelTargets, numberTargets, type InstanceTargets } from './instance-targets';
import { Refusal, type ImportContext } from './import-context';
import type { ClassLabels, Labels, RawDataset, RawPart, SeveralLabels } from './raw-dataset';

/** More different values than this are rather numbers than classes. */
const mostClassValues = 20;

/** Null where the labels are classes. Asks where whole numbers may be both. */
export function targetsBesideClasses(
  {
    parts,
    names,
    titles,
    areClasses,
    areMeasured = false,
  }: Pick<RawDataset, 'parts' | 'names' | 'titles' | 'areClasses' | 'areMeasured'>,
  context: ImportContext,
): InstanceTargets | null {
  const several = parts.flatMap(({ labels }) => (labels.kind === 'several' ? [labels] : []));
  const width = several.reduce((most, labels) => Math.max(most, labels.width), 0);
  if (several.some(({ of }) => of === 'numbers')) {
    if (several.length < parts.length || several.some((own) => own.of === 'labels' || own.width !== width))
      throw new Refusal(
        'The files for training and test hold different kinds of labels: several numbers in one, something else in the other. Save both alike.',
      );
    return severalNumbers(several, width, titles);
  }
  if (width > 0) return severalLabels(parts, width, titles ?? names);
  const marked = markedLabels(parts, context);
  if (marked > 0) return severalLabels(parts, marked, titles ?? names);
  if (areClasses || !parts.every(({ labels }) => labels.kind === 'numbers')) return null;
  const values = Float32Array.from(parts.flatMap(({ labels }) => Array.from(labels.values, Number)));
  return areNumbers(values, areMeasured, context) ? numberTargets(values, [titles?.[0] ?? 'number']) : null;
}

const markings = [
  { value: 'class', text: 'classes' },
  { value: 'labels', text: 'several labels at once' },
] as const;

/** How many labels rows with one 1 each hold, where the user says that they are labels; else 0. */
function markedLabels(parts: readonly RawPart[], context: ImportContext): number {
  const widths = parts.map(({ labels }) => (labels.kind === 'numbers' ? (labels.oneHot ?? 0) : 0));
  const [width = 0] = widths;
  if (width === 0 || widths.some((other) => other !== width)) return 0;
  return context.pick('targetKind', 'Labels are', markings, 'class') === 'labels' ? width : 0;
}

function severalNumbers(
  parts: readonly SeveralLabels[],
  width: number,
  titles: readonly string[] | undefined,
): InstanceTargets {
  const values = Float32Array.from(parts.flatMap((part) => part.values.flatMap((row) => Array.from(row))));
  return numberTargets(
    values,
    Array.from({ length: width }, (_, i) => titles?.[i] ?? `number ${i + 1}`),
  );
}

/** The labels of parts that are classes. */
export function classParts(parts: readonly RawPart[]): (RawPart & { labels: ClassLabels })[] {
  return parts.filter((part): part is RawPart & { labels: ClassLabels } => part.labels.kind !== 'several');
}

const kinds = [
  { value: 'class', text: 'classes' },
  { value: 'number', text: 'numbers' },
] as const;

function areNumbers(values: Float32Array, areMeasured: boolean, context: ImportContext): boolean {
  const hasDecimals = values.some((value) => !Number.isInteger(value));
  const different = new Set(values).size;
  const isMany = different > mostClassValues || (hasDecimals && different > values.length / 2);
  if (!values.every(Number.isFinite) || !(areMeasured || hasDecimals || isMany)) return false;
  const guess = areMeasured || (hasDecimals && isMany) ? 'number' : 'class';
  return context.pick('targetKind', 'Labels are', kinds, guess) === 'number';
}

function severalLabels(
  parts: readonly RawPart[],
  width: number,
  names: readonly string[] | null,
): InstanceTargets {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const values = new Uint8Array(count * width);
  let at = 0;
  for (const { labels, count: own } of parts)
    for (let i = 0; i < own; i++) values.set(rowOf(labels, i, width), width * at++);
  const titles = Array.from({ length: width }, (_, i) => names?.[i] ?? String(i));
  return labelTargets(values, titles);
}

/** A part in which each row has one label was read as class numbers. */
function rowOf({ kind, values }: Labels, i: number, width: number): ArrayLike<number> {
  if (kind === 'several') return values[i]!;
  return Uint8Array.from({ length: width }, (_, k) => Number(k === Number(values[i])));
}
