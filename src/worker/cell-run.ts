/** One run of an experiment, on its own worker. */
import { sizeOf } from '../experiment/fairness';
import type { Cell } from '../experiment/experiment';
import type { CellResult, CellScores } from '../experiment/table';
import { scoreUnit } from '../distill/tasks/about';
import type { BackendName } from '../engine/backend-names';
import { costsOf } from '../record/costs';
import type { RunRecord } from '../record/run-record';
import type { OwnSetRef } from '../storage/set-handle';
import { HeadlessRun } from './headless-run';
import { sentenceOf } from '../limits/texts';

/** A failed run is a result with its failure, so that the experiment goes on. The promise never rejects. */
export function carryOut(
  cell: Cell,
  dataset: OwnSetRef | null,
  backend: BackendName | null,
): { result: Promise<CellResult>; abort: () => void } {
  // An experiment prints one line per run.
  const lone = new HeadlessRun(() => undefined);
  const result = lone.measure(cell.recipe, dataset, backend).then(
    (record) => resultOf(cell, record),
    (error: unknown) => failureOf(cell, error),
  );
  return { result, abort: () => lone.abort() };
}

function resultOf({ entry, seed }: Cell, record: RunRecord): CellResult {
  const { outcome, facts, stepsPerSecond } = record;
  const [score] = record.task.scores;
  return {
    entry,
    seed,
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
    failure: null,
  };
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

function failureOf({ entry, seed }: Cell, error: unknown): CellResult {
  const failure = sentenceOf(error);
  return { entry, seed, student: null, control: null, teacher: null, seconds: 0, stepMs: null, failure };
}
