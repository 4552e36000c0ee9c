/** Results of a study as a table: means over seeds, gains over the control that was trained beside each student. */
import type { TaskId } from '../../data/dataset';
import { gainOf, taskAbouts } from '../tasks/about';
import type { Study } from './study';

/** Result of one run of a study. */
export interface StudyResult {
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
  /** Labels that the student had and its control did not; missing in results kept before they were counted. */
  extraLabels?: number;
  /** Why there is no result, else null. */
  failure: string | null;
}

export interface StudyLine {
  name: string;
  method: string | null;
  /** Runs that ended with a result. */
  runs: number;
  task: TaskId;
  /** Unit of the task's first score, where that is the target's; "" for none. */
  unit: string;
  /** The task's first score of the student: mean and sample standard deviation (null for one run). */
  student: number | null;
  deviation: number | null;
  control: number | null;
  teacher: number | null;
  /** Mean of how much better the student is than its control, run by run. */
  gain: number | null;
  /** Sample standard deviation of that difference, null for fewer than two runs. */
  gainDeviation: number | null;
  /** Runs in which the student was better than its control. */
  wins: number;
  /** Runs in which there was a control. */
  compared: number;
  seconds: number | null;
  stepMs: number | null;
  /** Labels that the students had and their controls did not, at most. */
  extraLabels: number;
  /** Messages of runs without a result. */
  failures: string[];
}

/** One line per entry, in the study's order. */
export function tableOf({ entries }: Study, results: readonly StudyResult[]): StudyLine[] {
  return entries.map(({ name, method }, index) => {
    const all = results.filter(({ entry }) => entry === index);
    const ended = all.filter(({ failure }) => failure === null);
    const numbers = (pick: (result: StudyResult) => number | null) =>
      ended.map(pick).filter((value) => value !== null);
    const task = ended[0]?.task ?? 'classification';
    const [score] = taskAbouts[task].scores;
    const students = numbers(({ student }) => student);
    const gains = numbers(({ student, control }) =>
      student === null || control === null ? null : gainOf(score, student, control),
    );
    return {
      name,
      method,
      task,
      unit: ended[0]?.unit ?? '',
      runs: ended.length,
      student: meanOf(students),
      deviation: deviationOf(students),
      control: meanOf(numbers(({ control }) => control)),
      teacher: meanOf(numbers(({ teacher }) => teacher)),
      gain: meanOf(gains),
      gainDeviation: deviationOf(gains),
      wins: gains.filter((gain) => gain > 0).length,
      compared: gains.length,
      seconds: meanOf(numbers(({ seconds }) => seconds)),
      stepMs: medianOf(numbers(({ stepMs }) => stepMs)),
      extraLabels: Math.max(0, ...ended.map((result) => result.extraLabels ?? 0)),
      failures: all.flatMap(({ failure }) => failure ?? []),
    };
  });
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviationOf(values: readonly number[]): number | null {
  const mean = meanOf(values);
  if (mean === null || values.length < 2) return null;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

function medianOf(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? null;
}
