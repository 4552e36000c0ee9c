/** What pictures are made for: the targets of real rows, as the networks take them. */
import type { Task } from '../../distill/tasks/task';
import type { RandomStream } from '../../random/streams';
import type { GenerationPlan } from './plan';

/** [N*width] of rows of the training split: classes as one-hot, numbers standardised. */
export function conditionsOf(
  { condition: { kind, width }, targets }: Pick<GenerationPlan, 'condition' | 'targets'>,
  task: Task,
  rows: Int32Array,
): Float32Array {
  const encoded = task.encode(targets, rows);
  if (kind === 'class') return encoded;
  // After the numbers comes 1 for a row whose numbers are known.
  return Float32Array.from(
    { length: rows.length * width },
    (_, i) => encoded[Math.floor(i / width) * task.width + (i % width)]!,
  );
}

/** [count*width] of one class. */
export function oneClass(label: number, width: number, count: number): Float32Array {
  return Float32Array.from({ length: count * width }, (_, i) => Number(i % width === label));
}

/** The rows of so many draws, with repetition. */
export function drawnRows(
  { rows }: Pick<GenerationPlan, 'rows'>,
  count: number,
  random: RandomStream,
): Int32Array {
  return Int32Array.from({ length: count }, () => rows[random.below(rows.length)]!);
}

/** [count*size] standard normal numbers. */
export function normals(count: number, size: number, random: RandomStream): Float32Array {
  return Float32Array.from({ length: count * size }, () => random.normal());
}

/**
 * Of rows to look at: up to 10 classes with one row each, or ten of the numbers from low to high.
 * @returns rows of the training split and a name for each
 */
export function shownConditions(
  { condition, rows, targets }: Pick<GenerationPlan, 'condition' | 'rows' | 'targets'>,
  names: readonly string[],
  units: readonly string[],
): { rows: Int32Array; names: string[] } {
  if (condition.kind === 'class') {
    const known = new Map<number, number>();
    for (const row of rows) if (!known.has(targets.values[row]!)) known.set(targets.values[row]!, row);
    const labels = [...known.keys()].sort((a, b) => a - b).slice(0, shown);
    return {
      rows: Int32Array.from(labels, (label) => known.get(label)!),
      names: labels.map((label) => names[label]!),
    };
  }
  const first = (row: number) => targets.values[row * targets.width]!;
  const sorted = Array.from(rows).sort((a, b) => first(a) - first(b));
  const chosen = Array.from(
    { length: Math.min(shown, sorted.length) },
    (_, i, of = Math.min(shown, sorted.length)) => sorted[Math.floor(((i + 0.5) * sorted.length) / of)]!,
  );
  return {
    rows: Int32Array.from(chosen),
    names: chosen.map((row) => `${Number(first(row).toPrecision(3))}${unitOf(units[0])}`),
  };
}

/** Pictures of a row of the view. */
const shown = 10;

const unitOf = (unit = '') => (unit === '' || unit === '°' ? unit : ` ${unit}`);
