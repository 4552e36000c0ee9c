/** One run of an experiment, on its own worker. */
import { sizeOf } from '../experiment/fairness';
import type { StudyRun } from '../experiment/study';
import type { StudyResult } from '../experiment/table';
import { scoreUnit } from '../distill/tasks/about';
import type { BackendName } from '../engine/backend-names';
import type { RunRecord } from '../record/run-record';
import type { OwnSetRef } from '../storage/set-handle';
import { HeadlessRun } from './headless-run';
import { sentenceOf } from '../limits/texts';

/** A failed run is a result with its failure, so that the experiment goes on. The promise never rejects. */
export function carryOut(
  run: StudyRun,
  dataset: OwnSetRef | null,
  backend: BackendName | null,
): { result: Promise<StudyResult>; abort: () => void } {
  // An experiment prints one line per run.
  const lone = new HeadlessRun(() => undefined);
  const result = lone.measure(run.recipe, dataset, backend).then(
    (record) => resultOf(run, record),
    (error: unknown) => failureOf(run, error),
  );
  return { result, abort: () => lone.abort() };
}

function resultOf({ entry, seed }: StudyRun, record: RunRecord): StudyResult {
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
    ...(facts ? { size: sizeOf(facts) } : {}),
    failure: null,
  };
}

function failureOf({ entry, seed }: StudyRun, error: unknown): StudyResult {
  const failure = sentenceOf(error);
  return { entry, seed, student: null, control: null, teacher: null, seconds: 0, stepMs: null, failure };
}
