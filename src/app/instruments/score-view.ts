import type { Learner, Phase } from '../../training/events';
import { decimate, type Row } from './decimate';
import type { ScoreAbout } from '../../distill/tasks/about';
import { scoreKey, trainKey, type RunRecord } from '../../record/run-record';
import { learnerStyles } from '../theme/learner-styles';
import type { PlotLine, PlotReference } from './plot/Plot';
import { linearScale, type Scale } from './plot/scale';
import { stepsOf } from './step-axis';
import { finiteRange, reader, type PlotModel } from './plot-model';

export interface ScoreView extends PlotModel {
  references: PlotReference[];
}

const order: readonly Learner[] = ['student', 'control', 'hard', 'full', 'rounded'];

/** Another run whose student is laid over the curves. */
export interface Compared {
  number: number;
  history: RunRecord;
}

/** A score over steps: the learners as lines, the teacher as the line to reach. */
export function scoreView(
  history: RunRecord,
  phase: Phase,
  showTrain: boolean,
  compared: Compared | null = null,
  score: ScoreAbout = history.task.scores[0],
): ScoreView {
  const view = ownView(history, phase, showTrain, score);
  return compared && phase === 'student' ? withCompared(view, compared, score) : view;
}

function ownView(history: RunRecord, phase: Phase, showTrain: boolean, score: ScoreAbout): ScoreView {
  const keyOf = columnOf(history, score);
  const table = history.evaluations[phase];
  const learners = phase === 'teacher' ? (['teacher'] as const) : order;
  const lines: PlotLine[] = learners.flatMap((learner) => {
    const key = keyOf(learner);
    const own = table.has(key) ? [{ key, ...learnerStyles[learner] }] : [];
    const train =
      showTrain && key === learner && table.has(trainKey(learner))
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
  const teacher = phase === 'student' ? teacherScore(history, score) : null;
  const references = teacher === null ? [] : [{ value: teacher, ...learnerStyles.teacher }];
  return {
    rows: decimate(table, keys),
    lines,
    references,
    scale: scoreScale(score, finiteRange(table, keys, teacher === null ? [] : [teacher])),
    steps: stepsOf(history, phase),
    readAt: reader(table, keys),
  };
}

function withCompared(view: ScoreView, { number, history }: Compared, score: ScoreAbout): ScoreView {
  const table = history.evaluations.student;
  const column = columnOf(history, score)('student');
  const key = `run ${number}`;
  const line = { key, label: `Student, run ${number}`, colour: learnerStyles.student.colour, dash: '1 4' };
  const others = decimate(table, [column]).map((row): Row => ({
    step: row.step,
    [key]: row[column] ?? null,
  }));
  const read = reader(table, [column]);
  const own = finiteRange(table, [column]);
  const [low, high] = view.scale.domain;
  return {
    ...view,
    rows: mergedRows(view.rows, others),
    lines: [...view.lines, line],
    scale: own ? scoreScale(score, [Math.min(low, own[0]), Math.max(high, own[1])]) : view.scale,
    steps: [0, Math.max(view.steps[1], table.steps.at(-1) ?? 0)],
    readAt: (step) => ({ ...view.readAt(step), [key]: read(step)[column] ?? null }),
  };
}

/** Both in the order of their steps; a step that both have becomes one row. */
function mergedRows(first: readonly Row[], second: readonly Row[]): Row[] {
  const bySteps = new Map<number, Row>();
  for (const row of [...first, ...second]) bySteps.set(row.step, { ...bySteps.get(row.step), ...row });
  return [...bySteps.values()].sort((a, b) => a.step - b.step);
}

/** Column of a learner's score in the table of measurements. */
function columnOf({ task }: RunRecord, { id }: ScoreAbout): (learner: Learner) => string {
  return (learner) => (id === task.scores[0].id ? learner : scoreKey(learner, id));
}

function teacherScore(history: RunRecord, score: ScoreAbout): number | null {
  const column = history.evaluations.student.column(columnOf(history, score)('teacher'));
  const own = column.findLast((value) => !Number.isNaN(value));
  return own ?? history.outcome?.scores[score.id]?.teacher ?? null;
}

/** Shares lie between 0 and 1; errors begin at 0. */
function scoreScale({ unit, better }: ScoreAbout, range: [number, number] | null): Scale {
  if (unit === 'share' || !range) return shareScale(range);
  const [low, high] = range;
  return linearScale(better === 'lower' ? Math.min(0, low) : low, Math.max(high, low + 1e-6));
}

function shareScale(range: [number, number] | null): Scale {
  if (!range) return { kind: 'linear', domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1] };
  const scale = linearScale(range[0], Math.max(range[1], range[0] + 0.05));
  const domain: [number, number] = [Math.max(0, scale.domain[0]), Math.min(1, scale.domain[1])];
  return { ...scale, domain, ticks: scale.ticks.filter((tick) => tick >= domain[0] && tick <= domain[1]) };
}
