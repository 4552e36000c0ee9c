/** Summary of a run for lists of runs, stored beside its log. */
import type { TaskId } from '../data/dataset';
import { scoreUnit } from '../distill/tasks/about';
import type { BackendMove } from '../training/events';
import type { RunRecord } from './run-record';

/** The thumbnail: the task's first score of student and control over the steps. */
export interface Curve {
  steps: number[];
  /** Null for none */
  student: (number | null)[];
  control: (number | null)[];
}

export interface RunSummary {
  task: TaskId;
  /** Unit of the task's first score, where that is the target's. */
  unit?: string;
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
  task,
  measured,
  moves,
}: Pick<RunRecord, 'facts' | 'task' | 'measured' | 'moves'>): RunSummary {
  const [score] = task.scores;
  return {
    task: task.id,
    ...(score.unit === 'target' && facts ? { unit: scoreUnit(score, facts.targets) } : {}),
    steps: facts?.studentSteps ?? 0,
    curve: curveOf(measured.student, score.id),
    moves: [...moves],
  };
}

/** Every second, fourth, ... evaluation when there are many, counted from the newest, so that the curve ends there. */
function curveOf(measured: RunRecord['measured']['student'], score: string): Curve {
  let stride = 1;
  while (Math.ceil(measured.length / stride) >= most) stride *= 2;
  const kept = measured.filter((_, i) => (measured.length - 1 - i) % stride === 0);
  return {
    steps: kept.map(({ step }) => step),
    student: kept.map(({ scores }) => scores[score]?.student ?? null),
    control: kept.map(({ scores }) => scores[score]?.control ?? null),
  };
}
