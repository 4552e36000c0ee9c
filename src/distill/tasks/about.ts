/** The half of a task that carries no tensor: its name and the scores by which answers to it are judged. */
import type { TaskId } from '../../data/dataset';

export interface ScoreAbout {
  id: string;
  /** "Top-1 accuracy" */
  title: string;
  /** `share` is shown in percent; `target` is in the unit of the target; `number` has none. */
  unit: 'share' | 'target' | 'number';
  better: 'higher' | 'lower';
}

export interface TaskAbout {
  id: TaskId;
  title: string;
  /** The first one is the one that lines are compared by. */
  scores: readonly [ScoreAbout, ...ScoreAbout[]];
  /** Key and name of the task's own loss in charts and files. */
  loss: { key: string; title: string };
}

export const taskAbouts: Readonly<Record<TaskId, TaskAbout>> = {
  classification: {
    id: 'classification',
    title: 'Classification',
    scores: [{ id: 'accuracy', title: 'Top-1 accuracy', unit: 'share', better: 'higher' }],
    loss: { key: 'ce', title: 'Cross-entropy' },
  },
  regression: {
    id: 'regression',
    title: 'Regression',
    scores: [
      { id: 'mae', title: 'Mean absolute error', unit: 'target', better: 'lower' },
      { id: 'rmse', title: 'Root mean squared error', unit: 'target', better: 'lower' },
      { id: 'r2', title: 'R²', unit: 'number', better: 'higher' },
    ],
    loss: { key: 'mse', title: 'Squared error' },
  },
  multilabel: {
    id: 'multilabel',
    title: 'Several labels',
    scores: [
      { id: 'map', title: 'Mean average precision', unit: 'share', better: 'higher' },
      { id: 'f1', title: 'Macro F1', unit: 'share', better: 'higher' },
    ],
    loss: { key: 'bce', title: 'Binary cross-entropy' },
  },
};
