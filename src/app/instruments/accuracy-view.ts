import type { Learner, Phase } from '../../training/events';
import { decimate, type Row } from './decimate';
import { trainKey, type RunRecord } from '../../record/run-record';
import { learnerStyles } from '../theme/learner-styles';
import type { PlotLine, PlotReference } from './plot/Plot';
import { linearScale, type Scale } from './plot/scale';
import { stepsOf } from './step-axis';
import { finiteRange, reader, type PlotModel } from './plot-model';

export interface AccuracyView extends PlotModel {
  references: PlotReference[];
}

const order: readonly Learner[] = ['student', 'control', 'hard'];

/** Another run whose student is laid over the curves. */
export interface Compared {
  number: number;
  history: RunRecord;
}

/** Accuracy over steps: the learners as lines, the teacher as the line to reach. */
export function accuracyView(
  history: RunRecord,
  phase: Phase,
  showTrain: boolean,
  compared: Compared | null = null,
): AccuracyView {
  const view = ownView(history, phase, showTrain);
  return compared && phase === 'student' ? withCompared(view, compared) : view;
}

function ownView(history: RunRecord, phase: Phase, showTrain: boolean): AccuracyView {
  const table = history.evaluations[phase];
  const learners = phase === 'teacher' ? (['teacher'] as const) : order;
  const lines: PlotLine[] = learners.flatMap((learner) => {
    const own = table.has(learner) ? [{ key: learner, ...learnerStyles[learner] }] : [];
    const train =
      showTrain && table.has(trainKey(learner))
        ? [
            {
              key: trainKey(learner),
              ...learnerStyles[learner],
              label: `${learnerStyles[learner].label}, train`,
              short: `${learnerStyles[learner].short ?? learnerStyles[learner].label}, train`,
              faint: true,
            },
          ]
        : [];
    return [...own, ...train];
  });
  const keys = lines.map(({ key }) => key);
  const teacher = phase === 'student' ? teacherAccuracy(history) : null;
  const references = teacher === null ? [] : [{ value: teacher, ...learnerStyles.teacher }];
  return {
    rows: decimate(table, keys),
    lines,
    references,
    scale: shareScale(finiteRange(table, keys, teacher === null ? [] : [teacher])),
    steps: stepsOf(history, phase),
    readAt: reader(table, keys),
  };
}

function withCompared(view: AccuracyView, { number, history }: Compared): AccuracyView {
  const table = history.evaluations.student;
  const key = `run ${number}`;
  const line = { key, label: `Student, run ${number}`, colour: learnerStyles.student.colour, dash: '1 4' };
  const others = decimate(table, ['student']).map((row): Row => ({
    step: row.step,
    [key]: row['student'] ?? null,
  }));
  const read = reader(table, ['student']);
  const own = finiteRange(table, ['student']);
  const [low, high] = view.scale.domain;
  return {
    ...view,
    rows: mergedRows(view.rows, others),
    lines: [...view.lines, line],
    scale: own ? shareScale([Math.min(low, own[0]), Math.max(high, own[1])]) : view.scale,
    steps: [0, Math.max(view.steps[1], table.steps.at(-1) ?? 0)],
    readAt: (step) => ({ ...view.readAt(step), [key]: read(step)['student'] ?? null }),
  };
}

/** Both in the order of their steps; a step that both have becomes one row. */
function mergedRows(first: readonly Row[], second: readonly Row[]): Row[] {
  const bySteps = new Map<number, Row>();
  for (const row of [...first, ...second]) bySteps.set(row.step, { ...bySteps.get(row.step), ...row });
  return [...bySteps.values()].sort((a, b) => a.step - b.step);
}

function teacherAccuracy(history: RunRecord): number | null {
  const column = history.evaluations.student.column('teacher');
  const own = column.findLast((share) => !Number.isNaN(share));
  return own ?? history.outcome?.final.teacher ?? null;
}

function shareScale(range: [number, number] | null): Scale {
  if (!range) return { kind: 'linear', domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1] };
  const scale = linearScale(range[0], Math.max(range[1], range[0] + 0.05));
  const domain: [number, number] = [Math.max(0, scale.domain[0]), Math.min(1, scale.domain[1])];
  return { ...scale, domain, ticks: scale.ticks.filter((tick) => tick >= domain[0] && tick <= domain[1]) };
}
