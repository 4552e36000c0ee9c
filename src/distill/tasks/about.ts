/** The half of a task that carries no tensor: its name and the scores by which answers to it are judged. */
import type { TargetSpec, TaskId } from '../../data/dataset';

export interface ScoreAbout {
  id: string;
  /** "Top-1 accuracy" */
  title: string;
  /** In lines and tables: "MAE" */
  short: string;
  /** The same of a single label, where the score is a mean over labels: "AP" */
  ofOne?: string;
  /** `share` is shown in percent; `target` is in the unit of the target; `nats` is of logarithms; `number` has none. */
  unit: 'share' | 'target' | 'nats' | 'number';
  better: 'higher' | 'lower';
}

export interface TaskAbout {
  id: TaskId;
  title: string;
  /** Kind of its targets. */
  target: TargetSpec['kind'];
  /** Whether answers can be softened by a temperature: they are probabilities. */
  isSoft: boolean;
  /** The first one is the one that lines are compared by. */
  scores: readonly [ScoreAbout, ...ScoreAbout[]];
  /** Measured beside them: calibration, and how near a student is to its teacher. */
  further: readonly ScoreAbout[];
  /** What the first score of one and the same answer to every instance is called. */
  constant: string;
  /** Key and name of the task's own loss in charts and files. */
  loss: { key: string; title: string };
}

/** What a run's task is called, and its scores; runs that name no task are of classification. */
export function taskAboutOf(facts: { task?: TaskId } | null | undefined): TaskAbout {
  return taskAbouts[facts?.task ?? 'classification'];
}

/** The task that has such targets. */
export function taskOfTarget(target: TargetSpec['kind']): TaskAbout {
  return Object.values(taskAbouts).find((about) => about.target === target)!;
}

/** The unit of a score in words: "%", that of the target, or "" for none. Errors of several numbers are counted in standard deviations. */
export function scoreUnit(
  { unit }: Pick<ScoreAbout, 'unit'>,
  targets: { units: readonly string[] } | undefined,
): string {
  if (unit === 'share') return '%';
  if (unit === 'nats') return 'nats';
  if (unit === 'number' || !targets) return '';
  return targets.units.length === 1 ? targets.units[0]! : 'SD';
}

/** "93.1 %", "2.41 years", "0.873" */
export function scoreText(
  score: Pick<ScoreAbout, 'unit'>,
  value: number,
  targets: { units: readonly string[] } | undefined,
): string {
  const unit = scoreUnit(score, targets);
  const number = score.unit === 'share' ? (100 * value).toFixed(1) : value.toPrecision(3);
  return unit === '' ? number : `${number} ${unit}`;
}

/** All scores of a task, the first one first. */
export function allScores({ scores, further }: Pick<TaskAbout, 'scores' | 'further'>): readonly ScoreAbout[] {
  return [...scores, ...further];
}

/** How much better the first value is than the second; negative where it is worse. */
export function gainOf({ better }: Pick<ScoreAbout, 'better'>, value: number, over: number): number {
  return better === 'higher' ? value - over : over - value;
}

const nll: ScoreAbout = {
  id: 'nll',
  title: 'Negative log-likelihood',
  short: 'NLL',
  unit: 'nats',
  better: 'lower',
};
const ece: ScoreAbout = {
  id: 'ece',
  title: 'Expected calibration error',
  short: 'ECE',
  unit: 'share',
  better: 'lower',
};
const agreement: ScoreAbout = {
  id: 'agreement',
  title: 'Agreement with the teacher',
  short: 'agreement',
  unit: 'share',
  better: 'higher',
};
const kl: ScoreAbout = {
  id: 'kl',
  title: 'KL from the teacher',
  short: 'KL',
  unit: 'nats',
  better: 'lower',
};

export const taskAbouts: Readonly<Record<TaskId, TaskAbout>> = {
  classification: {
    id: 'classification',
    title: 'Classification',
    target: 'class',
    isSoft: true,
    scores: [{ id: 'accuracy', title: 'Top-1 accuracy', short: 'accuracy', unit: 'share', better: 'higher' }],
    further: [
      nll,
      ece,
      {
        id: 'classMean',
        title: 'Mean per-class accuracy',
        short: 'class mean',
        unit: 'share',
        better: 'higher',
      },
      agreement,
      kl,
    ],
    constant: 'Always the most frequent class',
    loss: { key: 'ce', title: 'Cross-entropy' },
  },
  regression: {
    id: 'regression',
    title: 'Regression',
    target: 'number',
    isSoft: false,
    scores: [
      { id: 'mae', title: 'Mean absolute error', short: 'MAE', unit: 'target', better: 'lower' },
      { id: 'rmse', title: 'Root mean squared error', short: 'RMSE', unit: 'target', better: 'lower' },
      { id: 'r2', title: 'R²', short: 'R²', unit: 'number', better: 'higher' },
    ],
    further: [
      {
        id: 'difference',
        title: 'Root mean squared difference from the teacher',
        short: 'to teacher',
        unit: 'target',
        better: 'lower',
      },
    ],
    constant: 'Always the median',
    loss: { key: 'mse', title: 'Squared error' },
  },
  multilabel: {
    id: 'multilabel',
    title: 'Several labels',
    target: 'labels',
    isSoft: true,
    scores: [
      {
        id: 'map',
        title: 'Mean average precision',
        short: 'mAP',
        ofOne: 'AP',
        unit: 'share',
        better: 'higher',
      },
      { id: 'f1', title: 'Macro F1', short: 'macro F1', ofOne: 'F1', unit: 'share', better: 'higher' },
    ],
    further: [nll, ece, agreement, kl],
    constant: 'The same answer for every instance',
    loss: { key: 'bce', title: 'Binary cross-entropy' },
  },
};
