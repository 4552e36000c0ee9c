/** Results of an experiment as a table: means over seeds, gains over the control that was trained beside each student. */
import type { TaskId } from '../data/dataset';
import { gainOf, taskAbouts } from '../distill/tasks/about';
import { fairnessSentences, type FairRow, type RunSize } from './fairness';
import { comparisonsOf, estimateOf, type Comparison, type Estimate } from './statistics';
import type { Experiment } from './experiment';

/** Result of one run of an experiment. */
export interface CellResult {
  entry: number;
  seed: number;
  /** Missing for classification. */
  task?: TaskId;
  /** Unit of the task's first score, where that is the target's. */
  unit?: string;
  /** The task's first score on the test split, null where that one was not trained. */
  student: number | null;
  control: number | null;
  teacher: number | null;
  seconds: number;
  /** Milliseconds per step of the student's phase (all lines), null for a run too short to measure. */
  stepMs: number | null;
  /** Missing in results kept before they were counted. */
  size?: RunSize;
  /** Why there is no result, else null. */
  failure: string | null;
}

export interface ExperimentLine {
  name: string;
  method: string | null;
  /** Runs that ended with a result. */
  runs: number;
  task: TaskId;
  /** Unit of the task's first score, where that is the target's; "" for none. */
  unit: string;
  /** The task's first score of the student. */
  student: Estimate | null;
  control: number | null;
  teacher: number | null;
  /** How much better the student is than its control, seed by seed; corrected over all lines. */
  gain: Comparison | null;
  seconds: number | null;
  stepMs: number | null;
  /** Labels that the students had and their controls did not, at most. */
  extraLabels: number;
  /** Messages of runs without a result. */
  failures: string[];
}

/** One line per entry, in the experiment's order. */
export function tableOf({ entries }: Experiment, results: readonly CellResult[]): ExperimentLine[] {
  const lines = entries.map(({ name, method }, index) => {
    const all = results.filter(({ entry }) => entry === index);
    const ended = all.filter(({ failure }) => failure === null);
    const numbers = (pick: (result: CellResult) => number | null) =>
      ended.map(pick).filter((value) => value !== null);
    const task = ended[0]?.task ?? 'classification';
    const [score] = taskAbouts[task].scores;
    const gains = numbers(({ student, control }) =>
      student === null || control === null ? null : gainOf(score, student, control),
    );
    const line: Omit<ExperimentLine, 'gain'> = {
      name,
      method,
      task,
      unit: ended[0]?.unit ?? '',
      runs: ended.length,
      student: estimateOf(numbers(({ student }) => student)),
      control: estimateOf(numbers(({ control }) => control))?.mean ?? null,
      teacher: estimateOf(numbers(({ teacher }) => teacher))?.mean ?? null,
      seconds: estimateOf(numbers(({ seconds }) => seconds))?.mean ?? null,
      stepMs: medianOf(numbers(({ stepMs }) => stepMs)),
      extraLabels: Math.max(0, ...ended.map(({ size }) => size?.meta ?? 0)),
      failures: all.flatMap(({ failure }) => failure ?? []),
    };
    return { line, gains };
  });
  const gains = comparisonsOf(lines.map((one) => one.gains));
  return lines.map(({ line }, index) => ({ ...line, gain: gains[index]! }));
}

/** What sets the entries apart beside what they compare, as sentences. */
export function unfairnessOf({ entries }: Experiment, results: readonly CellResult[]): string[] {
  return fairnessSentences(
    entries.map(({ name, recipe, axes }, index): FairRow => {
      const ended = results.find(({ entry, size }) => entry === index && size);
      return { name, recipe, axes, size: ended?.size ?? null };
    }),
  );
}

function medianOf(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? null;
}
