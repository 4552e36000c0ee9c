/** One run of a study, on a worker of its own. */
import type { StudyRun } from '../distill/study/study';
import type { StudyResult } from '../distill/study/table';
import type { BackendName } from '../engine/backend-names';
import type { RunRecord } from '../record/run-record';
import type { OwnSetRef } from '../storage/image-set';
import { HeadlessRun } from './headless-run';
import { sentenceOf } from '../limits/texts';

/** A run that fails is a result too: a study goes on, and says so. The promise never rejects. */
export function carryOut(
  run: StudyRun,
  dataset: OwnSetRef | null,
  backend: BackendName | null,
): { result: Promise<StudyResult>; abort: () => void } {
  // A study tells a line per run, not every measurement of each.
  const lone = new HeadlessRun(() => undefined);
  const result = lone.measure(run.recipe, dataset, backend).then(
    (record) => resultOf(run, record),
    (error: unknown) => failureOf(run, error),
  );
  return { result, abort: () => lone.abort() };
}

function resultOf({ entry, seed }: StudyRun, record: RunRecord): StudyResult {
  const { outcome, facts, stepsPerSecond } = record;
  return {
    entry,
    seed,
    student: outcome?.final.student ?? null,
    control: outcome?.final.control ?? null,
    teacher: outcome?.final.teacher ?? null,
    seconds: outcome?.seconds ?? 0,
    stepMs: stepsPerSecond === null ? null : 1000 / stepsPerSecond,
    extraLabels: facts?.meta ?? 0,
    failure: null,
  };
}

function failureOf({ entry, seed }: StudyRun, error: unknown): StudyResult {
  const failure = sentenceOf(error);
  return { entry, seed, student: null, control: null, teacher: null, seconds: 0, stepMs: null, failure };
}
