import type { Learner, Phase } from '../../training/events';
import { decimate } from './decimate';
import { columnLine, lineOf, withLines, type Compared } from './overlay';
import type { ScoreAbout } from '../../distill/tasks/about';
import { scoreKey, secondDomainKey, trainKey, type RunRecord } from '../../record/run-record';
import { learnerStyles } from '../theme/learner-styles';
import type { PlotLine, PlotReference } from './plot/Plot';
import { linearScale, type Scale } from './plot/scale';
import { stepsOf } from './step-axis';
import { finiteRange, reader, type PlotModel } from './plot-model';

export interface ScoreView extends PlotModel {
  references: PlotReference[];
}

const order: readonly Learner[] = ['student', 'control', 'hard', 'full', 'rounded'];

/** Which of the two domains of a set is measured: the one that the labels are of, or the second one. */
export type Domain = 'first' | 'second';

/** A score over steps: the learners as lines, the teacher as the line to reach. */
export function scoreView(
  history: RunRecord,
  phase: Phase,
  showTrain: boolean,
  compared: readonly Compared[] = [],
  score: ScoreAbout = history.task.scores[0],
  domain: Domain = 'first',
): ScoreView {
  const of = { score, domain };
  const view = ownView(history, phase, showTrain, of);
  return phase === 'student' ? withCompared(view, compared, of) : view;
}

/** The scores of which a phase has measurements, those of the task first; the task's before there are any. */
export function measuredScores({ task, evaluations }: RunRecord, phase: Phase): readonly ScoreAbout[] {
  const { keys } = evaluations[phase];
  return [...task.scores, ...task.further.filter(({ id }) => keys.some((key) => key.endsWith(`/${id}`)))];
}

/** What a chart is of: a score and where it is measured. */
interface Measure {
  score: ScoreAbout;
  domain: Domain;
}

function ownView(history: RunRecord, phase: Phase, showTrain: boolean, of: Measure): ScoreView {
  const { score } = of;
  const keyOf = columnOf(history, of);
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
  const teacher = phase === 'student' ? teacherScore(history, of) : null;
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

/** A run of another task, or of one domain, has nothing to lay over. */
function withCompared(view: ScoreView, compared: readonly Compared[], of: Measure): ScoreView {
  const lines = compared.flatMap((other) => {
    const line = lineOf(other, learnerStyles.student.label, compared.length > 1);
    const column = columnOf(other.history, of)('student');
    return columnLine(line, other.history.evaluations.student, column) ?? [];
  });
  return withLines(view, lines, (range) => scoreScale(of.score, range));
}

/** Column of a learner's score in the table of measurements. */
function columnOf({ task }: RunRecord, { score: { id }, domain }: Measure): (learner: Learner) => string {
  if (domain === 'second') return secondDomainKey;
  return (learner) => (id === task.scores[0].id ? learner : scoreKey(learner, id));
}

function teacherScore(history: RunRecord, of: Measure): number | null {
  const column = history.evaluations.student.column(columnOf(history, of)('teacher'));
  const own = column.findLast((value) => !Number.isNaN(value));
  const { scores, further, secondDomain } = history.outcome ?? {};
  const final = of.domain === 'second' ? secondDomain : { ...scores, ...further };
  return own ?? final?.[of.score.id]?.teacher ?? null;
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
