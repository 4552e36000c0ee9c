/** What the targets of a task are called on the page. */
import type { TaskId } from '../../data/dataset';

export interface TaskWords {
  /** Labels of a sample's targets: as the set has them, as the student is given them. */
  truth: string;
  given: string;
  /** What the student learns from: "labels", "targets". */
  targets: string;
  target: string;
  /** In place of a target that the student is not given. */
  none: string;
  /** A target within a description: "class “three”". */
  named: (target: string) => string;
  /** Beside the name of the task's loss: "Cross-entropy (labels)". */
  ofLoss: string;
  /** Orders of the tracked samples. */
  byTruth: string;
  byGiven: string;
}

export const taskWords: Readonly<Record<TaskId, TaskWords>> = {
  classification: {
    truth: 'True class',
    given: 'Given label',
    targets: 'labels',
    target: 'label',
    none: 'no label',
    named: (target) => `class “${target}”`,
    ofLoss: 'labels',
    byTruth: 'By class',
    byGiven: 'By given label',
  },
  regression: {
    truth: 'True value',
    given: 'Given value',
    targets: 'targets',
    target: 'target',
    none: 'no target',
    named: (target) => `true value ${target}`,
    ofLoss: 'targets',
    byTruth: 'By true value',
    byGiven: 'By given value',
  },
  multilabel: {
    truth: 'True labels',
    given: 'Given labels',
    targets: 'labels',
    target: 'labels',
    none: 'no labels',
    named: (target) => `labels ${target}`,
    ofLoss: 'labels',
    byTruth: 'By labels',
    byGiven: 'By given labels',
  },
};
