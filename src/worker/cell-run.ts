/** What an experiment's table takes from the run of a cell. */
import { computedOn, sizeOf } from '../experiment/fair-row';
import type { Cell } from '../experiment/experiment';
import type { CellResult, CellScores } from '../experiment/table';
import { scoreUnit } from '../distill/tasks/about';
import { costsOf } from '../record/costs';
import type { Recipe } from '../distill/recipe';
import { metricsOf, type MetricsLabel } from '../record/run-metrics';
import type { RunRecord } from '../record/run-record';
import type { Latencies } from '../training/events';
import { sentenceOf } from '../limits/texts';

type CellPlace = Pick<Cell, 'entry' | 'seed'>;

/** A result without its place in the experiment: all that a worker knows of it. */
export type CellOutcome = Omit<CellResult, keyof CellPlace>;

/** What a table needs of a run that has ended with a result. */
export function resultOf({ entry, seed }: CellPlace, record: RunRecord): CellResult {
  return { entry, seed, ...outcomeOf(record) };
}

/** As `resultOf`. */
export function outcomeOf(record: RunRecord): CellOutcome {
  const { outcome, facts, stepsPerSecond, marks } = record;
  const place = computedOn(record.backends, facts);
  const [score] = record.task.scores;
  return {
    ...(record.task.id === 'classification' ? {} : { task: record.task.id }),
    ...(score.unit === 'target' ? { unit: scoreUnit(score, facts?.targets) } : {}),
    student: outcome?.final.student ?? null,
    control: outcome?.final.control ?? null,
    teacher: outcome?.final.teacher ?? null,
    seconds: outcome?.seconds ?? 0,
    stepMs: stepsPerSecond === null ? null : 1000 / stepsPerSecond,
    scores: scoresOf(record),
    costs: costsOf(record),
    ...(record.latencies ? { latencies: record.latencies } : {}),
    ...(record.times ? { times: record.times } : {}),
    ...(facts ? { size: sizeOf(facts) } : {}),
    ...(place === null ? {} : { computedOn: place }),
    ...(marks.length > 0 ? { turned: marks.map(({ path }) => path) } : {}),
    ...(outcome?.stopped ? { stopped: true } : {}),
    failure: null,
  };
}

/** The run's `metrics.json`, as UTF-8. */
export function metricsFile(record: RunRecord, label: MetricsLabel): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(metricsOf(record, label))}\n`);
}

/** Every score of the lines that experiments compare. */
function scoresOf({ outcome }: RunRecord): CellScores {
  return Object.fromEntries(
    Object.entries({ ...outcome?.scores, ...outcome?.further }).map(
      ([id, { student, control, teacher }]): [string, CellScores[string]] => [
        id,
        {
          ...(student === undefined ? {} : { student }),
          ...(control === undefined ? {} : { control }),
          ...(teacher === undefined ? {} : { teacher }),
        },
      ],
    ),
  );
}

/** What decides how long the student's network takes to answer: the network, how it computes, and the size of its inputs. */
export function networkKey({ material: { dataset, halve }, student }: Recipe): string {
  return JSON.stringify([dataset, halve, student]);
}

/** Whether a cell ended before its latencies were measured: after a kill they are measured at the next start. */
export function lacksLatencies(result: CellResult | null): boolean {
  return result !== null && result.failure === null && !result.latencies;
}

/** The results of cells with this network, with its latencies where they lack them. @param recipeOf a result's cell */
export function withLatencies<R extends CellResult | null>(
  results: readonly R[],
  recipeOf: (place: number) => Recipe,
  network: string,
  latencies: Latencies,
): R[] {
  return results.map((result, place) =>
    result && lacksLatencies(result) && networkKey(recipeOf(place)) === network
      ? { ...result, latencies }
      : result,
  );
}

/** A cell without a result. */
export function failureOf({ entry, seed }: CellPlace, error: unknown): CellResult {
  const failure = sentenceOf(error);
  return { entry, seed, student: null, control: null, teacher: null, seconds: 0, stepMs: null, failure };
}
