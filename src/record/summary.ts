/** Summary of a run for lists of runs, stored beside its log. */
import type { BackendMove } from '../training/events';
import type { RunRecord } from './run-record';

/** The thumbnail: accuracies of student and control over the steps. */
export interface Curve {
  steps: number[];
  /** 0..1, null for none */
  student: (number | null)[];
  control: (number | null)[];
}

export interface RunSummary {
  /** Planned steps of the student, 0 before they are known. */
  steps: number;
  curve: Curve;
  /** Moves to other backends. */
  moves: BackendMove[];
}

/** Upper bound of the points of a thumbnail. */
const most = 96;

export function emptyCurve(): Curve {
  return { steps: [], student: [], control: [] };
}

export function summaryOf({
  facts,
  measured,
  moves,
}: Pick<RunRecord, 'facts' | 'measured' | 'moves'>): RunSummary {
  return { steps: facts?.studentSteps ?? 0, curve: curveOf(measured.student), moves: [...moves] };
}

/** Every second, fourth, ... evaluation when there are many, counted from the newest, so that the curve ends there. */
function curveOf(measured: RunRecord['measured']['student']): Curve {
  let stride = 1;
  while (Math.ceil(measured.length / stride) >= most) stride *= 2;
  const kept = measured.filter((_, i) => (measured.length - 1 - i) % stride === 0);
  return {
    steps: kept.map(({ step }) => step),
    student: kept.map(({ accuracy }) => accuracy.student ?? null),
    control: kept.map(({ accuracy }) => accuracy.control ?? null),
  };
}
