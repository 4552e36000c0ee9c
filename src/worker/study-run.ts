/** One run of a study, on a worker of its own. */
import type { Dataset } from '../data/dataset';
import type { StudyRun } from '../distill/study/study';
import type { StudyResult } from '../distill/study/table';
import type { BackendName } from '../engine/backend-names';
import { LoneRun } from './lone-run';
import type { Metrics } from './metrics';

/** A run that fails is a result too: a study goes on, and says so. The promise never rejects. */
export function carryOut(
  run: StudyRun,
  dataset: Dataset | null,
  backend: BackendName | null,
): { result: Promise<StudyResult>; abort: () => void } {
  // A study tells a line per run, not every measurement of each.
  const lone = new LoneRun(() => undefined);
  const result = lone.measure(run.recipe, dataset, backend).then(
    (metrics) => resultOf(run, metrics),
    (error: unknown) => failureOf(run, error),
  );
  return { result, abort: () => lone.abort() };
}

function resultOf({ entry, seed }: StudyRun, metrics: Metrics): StudyResult {
  const { final, seconds, stepsPerSecond } = metrics;
  return {
    entry,
    seed,
    student: final.student ?? null,
    control: final.control ?? null,
    teacher: final.teacher ?? null,
    seconds,
    stepMs: stepsPerSecond === null ? null : 1000 / stepsPerSecond,
    extraLabels: metrics.facts.meta,
    failure: null,
  };
}

function failureOf({ entry, seed }: StudyRun, error: unknown): StudyResult {
  const failure = error instanceof Error ? error.message : String(error);
  return { entry, seed, student: null, control: null, teacher: null, seconds: 0, stepMs: null, failure };
}
