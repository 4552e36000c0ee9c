/** Results of an experiment as a table: means over seeds, gains over the control that was trained beside each student. */
import type { TaskId } from '../data/dataset';
import { allScores, gainOf, taskAbouts, type ScoreAbout } from '../distill/tasks/about';
import type { Recipe } from '../distill/recipe';
import type { ByLearner, Cost, Latencies } from '../training/events';
import { turnedLabels, type FairRow, type RunSize } from './fair-row';
import { fairnessSentences } from './fairness';
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
  /** Every score on the test split by id, those beside the first included; missing in results of older page versions. */
  scores?: CellScores;
  /** Costs of the student's network and the teacher's; missing in results of older page versions. */
  costs?: ByLearner<Cost>;
  /** Where they were measured: once for each network, while nothing else was computing. */
  latencies?: Latencies;
  /** Seconds of training, by phase; missing in results of older page versions. */
  times?: { teacher: number; student: number };
  /** Missing in results kept before they were counted. */
  size?: RunSize;
  /** As `fair-row.ts` says it; missing in results of older page versions. */
  computedOn?: string;
  /** Paths of knobs that were turned while it ran, where there are any. */
  turned?: readonly string[];
  /** Of a run that was stopped before its end. */
  stopped?: boolean;
  /** Why there is no result, else null. */
  failure: string | null;
}

/** A score of one run: the task's first one, or one beside it. */
export function scoreIn(result: CellResult, score: ScoreAbout, learner: ComparedLearner): number | null {
  const isFirst = taskAbouts[result.task ?? 'classification'].scores[0].id === score.id;
  return isFirst ? result[learner] : (result.scores?.[score.id]?.[learner] ?? null);
}

/** The score with this id of the task that the results are of; the task's first one where there is none such. */
export function scoreFor(results: readonly CellResult[], wanted?: string): ScoreAbout {
  const task = taskAbouts[results.find(({ failure }) => failure === null)?.task ?? 'classification'];
  return allScores(task).find(({ id }) => id === wanted) ?? task.scores[0];
}

export type CellScores = Readonly<Record<string, Partial<Record<ComparedLearner, number>>>>;
export type ComparedLearner = 'student' | 'control' | 'teacher';

export interface ExperimentLine {
  name: string;
  method: string | null;
  /** Runs that ended with a result. */
  runs: number;
  task: TaskId;
  /** What `student`, `control`, `teacher` and `gain` are of. */
  score: ScoreAbout;
  /** Unit of that score, where it is the target's; "" for none. */
  unit: string;
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

/** The scores that all results with an end have, the task's first one first: what a table can be about. */
export function sharedScores(results: readonly CellResult[]): readonly ScoreAbout[] {
  const ended = results.filter(({ failure }) => failure === null);
  const [first, ...others] = allScores(taskAbouts[ended[0]?.task ?? 'classification']);
  return [
    first!,
    ...others.filter(
      ({ id }) => ended.length > 0 && ended.every(({ scores }) => scores?.[id]?.student !== undefined),
    ),
  ];
}

/**
 * One line per entry, in the experiment's order.
 * @param wanted id of the score that the table is about; the task's first one where it is left out, or is none of the task's
 */
export function tableOf(
  { entries }: Experiment,
  results: readonly CellResult[],
  wanted?: string,
): ExperimentLine[] {
  const lines = entries.map(({ name, method }, index) => {
    const all = results.filter(({ entry }) => entry === index);
    const ended = all.filter(({ failure }) => failure === null);
    const numbers = (pick: (result: CellResult) => number | null) =>
      ended.map(pick).filter((value) => value !== null);
    const task = ended[0]?.task ?? 'classification';
    const score = scoreFor(ended, wanted);
    const of = (result: CellResult, learner: ComparedLearner) => scoreIn(result, score, learner);
    const gains = numbers((result) => {
      const [student, control] = [of(result, 'student'), of(result, 'control')];
      return student === null || control === null ? null : gainOf(score, student, control);
    });
    const line: Omit<ExperimentLine, 'gain'> = {
      name,
      method,
      task,
      score,
      unit: score.unit === 'target' ? (ended[0]?.unit ?? '') : '',
      runs: ended.length,
      student: estimateOf(numbers((result) => of(result, 'student'))),
      control: estimateOf(numbers((result) => of(result, 'control')))?.mean ?? null,
      teacher: estimateOf(numbers((result) => of(result, 'teacher')))?.mean ?? null,
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

/**
 * One row against another, seed by seed, where both have a result.
 * @param wanted as `tableOf` takes it
 * @returns null without a seed of both
 */
export function pairOf(
  results: readonly CellResult[],
  [one, other]: readonly [number, number],
  wanted?: string,
): Comparison | null {
  const ended = results.filter(({ failure }) => failure === null);
  const score = scoreFor(ended, wanted);
  const of = (entry: number) => {
    const own = ended.filter((result) => result.entry === entry);
    return new Map(own.map((result) => [result.seed, scoreIn(result, score, 'student')]));
  };
  const others = of(other);
  const differences = [...of(one)].flatMap(([seed, value]) => {
    const beside = others.get(seed) ?? null;
    return value === null || beside === null ? [] : [gainOf(score, value, beside)];
  });
  return comparisonsOf([differences])[0]!;
}

/** How the verdicts of a table are corrected, "corrected for 3 comparisons (Holm)"; "" where nothing is: one test needs none. */
export function correctionText(lines: readonly Pick<ExperimentLine, 'gain'>[]): string {
  const compared = lines.filter(({ gain }) => gain?.p != null).length;
  return compared > 1 ? `corrected for ${compared} comparisons (Holm)` : '';
}

/** What sets the entries apart beside what they compare, as sentences. */
export function unfairnessOf(experiment: Experiment, results: readonly CellResult[]): string[] {
  const missing = experiment.entries.length * experiment.seeds.length - results.length;
  return [
    ...(results.length > 0 && missing > 0
      ? [`${missing} of ${missing + results.length} runs are missing yet: rows can stand on different seeds.`]
      : []),
    ...fairnessSentences(fairRows(experiment, results)),
  ];
}

/** The entries with what their results so far say of them. */
export function fairRows({ entries, seeds }: Experiment, results: readonly CellResult[]): FairRow[] {
  // Before that, seeds differ because runs are under way.
  const isOver = results.length === entries.length * seeds.length;
  const { better } = scoreFor(results);
  return entries.map(({ name, recipe, axes }, index) => {
    const ended = results.filter(({ entry, failure }) => entry === index && failure === null);
    const meanOf = (learner: ComparedLearner) =>
      estimateOf(ended.map((result) => result[learner]).filter((value) => value !== null))?.mean ?? null;
    return {
      name,
      recipe,
      axes,
      size: ended.find(({ size }) => size)?.size ?? null,
      reached: { teacher: meanOf('teacher'), baseline: meanOf('control'), better },
      ...(isOver && ended.length > 0 ? { seeds: ended.map(({ seed }) => seed) } : {}),
      ...(ended.length > 0 ? heldOf(recipe, ended) : {}),
    };
  });
}

/** How the runs of a row were held, all together. */
function heldOf(recipe: Recipe, ended: readonly CellResult[]): Partial<FairRow> {
  const places = [...new Set(ended.flatMap(({ computedOn }) => computedOn ?? []))].toSorted();
  const turned = new Set(ended.flatMap((result) => result.turned ?? []));
  return {
    turned: turnedLabels(recipe, [...turned]),
    stopped: ended.some(({ stopped }) => stopped === true),
    ...(places.length > 0 ? { computedOn: places.join(' and ') } : {}),
  };
}

function medianOf(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? null;
}
