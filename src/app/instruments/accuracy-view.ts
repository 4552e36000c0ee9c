import type { Learner, Phase } from '../../training/events';
import { decimate } from '../run/decimate';
import { trainKey, type RunHistory } from '../run/history';
import { people } from '../theme/people';
import type { PlotLine, PlotReference } from './plot/Plot';
import { linearScale, type Scale } from './plot/scale';
import { stepsOf } from '../run/axis';
import { finiteRange, reader, type PlotModel } from './plot-model';

export interface AccuracyView extends PlotModel {
  references: PlotReference[];
}

const order: readonly Learner[] = ['student', 'control', 'hard'];

/** Accuracy over steps: the learners as lines, the teacher as the line to reach. */
export function accuracyView(history: RunHistory, phase: Phase, showTrain: boolean): AccuracyView {
  const table = history.evaluations[phase];
  const learners = phase === 'teacher' ? (['teacher'] as const) : order;
  const lines: PlotLine[] = learners.flatMap((learner) => {
    const own = table.has(learner) ? [{ key: learner, ...people[learner] }] : [];
    const train =
      showTrain && table.has(trainKey(learner))
        ? [
            {
              key: trainKey(learner),
              ...people[learner],
              label: `${people[learner].label}, train`,
              faint: true,
            },
          ]
        : [];
    return [...own, ...train];
  });
  const keys = lines.map(({ key }) => key);
  const teacher = phase === 'student' ? teacherAccuracy(history) : null;
  const references = teacher === null ? [] : [{ value: teacher, ...people.teacher }];
  return {
    rows: decimate(table, keys),
    lines,
    references,
    scale: shareScale(finiteRange(table, keys, teacher === null ? [] : [teacher])),
    steps: stepsOf(history, phase),
    readAt: reader(table, keys),
  };
}

function teacherAccuracy(history: RunHistory): number | null {
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
