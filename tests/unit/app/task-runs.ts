/** Records of runs on tables, of every task, as events make them. */
import type { TaskId } from '../../../src/data/dataset';
import { defaultHint, defaultRecipe } from '../../../src/distill/recipe';
import { RunRecord } from '../../../src/record/run-record';
import type { ByLearner, RunEvent, RunFacts, Scores } from '../../../src/training/events';

const common: Omit<RunFacts, 'dataset'> = {
  labelled: 30,
  unlabelled: 100,
  meta: 0,
  validation: 0,
  test: 4,
  wrongLabels: 0,
  networks: [],
  extraParameters: 0,
  teacherSteps: 0,
  preludeSteps: 0,
  studentSteps: 20,
  notes: [],
};

export function factsOf(task: TaskId): RunFacts {
  const targets = {
    classification: {},
    regression: { targets: { names: ['angle'], units: ['°'] } },
    multilabel: { targets: { names: ['cat', 'dog', 'owl'], units: ['', '', ''] } },
  }[task];
  const classes = task === 'classification' ? ['left', 'right'] : [];
  return { ...common, task, ...targets, dataset: { id: 'upload', title: 'Table', classes, shape: [2] } };
}

interface Told {
  scores: Scores;
  answers: ByLearner<number[]>;
  truth: number[];
  given: number[];
  perTarget?: Record<string, ByLearner<number[]>>;
  secondDomain?: Scores;
}

/** A finished run of two tracked rows and four measured ones. */
export function taskRun(task: 'regression' | 'multilabel', told: Told): RunRecord {
  const recipe = { ...defaultRecipe(), hints: [defaultHint('kd')] };
  const record = new RunRecord('run', recipe);
  const { scores, answers, truth, given, perTarget, secondDomain } = told;
  const final = scores[task === 'regression' ? 'mae' : 'map']!;
  const width = factsOf(task).targets!.names.length;
  const measured = (values: number[]) =>
    Float32Array.from({ length: 4 * width }, (_, i) => values[i % values.length]!);
  const events: RunEvent[] = [
    {
      type: 'started',
      recipe,
      facts: factsOf(task),
      hintKeys: ['kd'],
      watched: {
        images: [7, 9].map((index) => ({ index, trueLabel: -1, givenLabel: -1 })),
        ...{ height: 0, width: 0, channels: 0, pixels: new Uint8Array() },
        vectors: { names: ['x', 'y'], values: Float32Array.of(1, 10, 3, 30) },
        targets: { truth: Float32Array.from(truth), given: Float32Array.from(given) },
      },
    },
    { type: 'phase', phase: 'student', steps: 20, text: '' },
    {
      type: 'step',
      phase: 'student',
      step: 20,
      learningRate: 0.1,
      values: { total: 1, [task === 'regression' ? 'mse' : 'bce']: 0.4, kd: 0.6, kd·w: 0.6 },
    },
    {
      type: 'evaluation',
      phase: 'student',
      step: 20,
      split: 'test',
      images: 4,
      scores,
      trainScores: scores,
      confusion: {},
      loss: {},
      ...(perTarget ? { perTarget } : {}),
      ...(secondDomain ? { secondDomain } : {}),
      answers: {
        rows: Int32Array.of(0, 1, 2, 3),
        targets: measured(truth),
        answered: Object.fromEntries(
          Object.entries(answers).map(([learner, values]) => [learner, measured(values)]),
        ),
      },
    },
    {
      type: 'instances',
      snapshot: {
        step: 20,
        losses: { [task === 'regression' ? 'mse' : 'bce']: [0.1, 0.2] },
        weights: {},
        spreads: {},
        probabilities: {},
        answers,
      },
    },
    {
      type: 'finished',
      step: 20,
      stopped: false,
      final,
      scores,
      perClass: {},
      ...(perTarget ? { perTarget } : {}),
      ...(secondDomain ? { secondDomain } : {}),
      seconds: 1,
    },
  ];
  record.take(events);
  return record;
}

export const angleRun = (student = 5, control = 12, secondDomain?: Scores) =>
  taskRun('regression', {
    ...(secondDomain ? { secondDomain } : {}),
    scores: {
      mae: { student, control, teacher: 4 },
      rmse: { student: 6, control: 15, teacher: 5 },
      r2: { student: 0.9, control: 0.2, teacher: 0.95 },
    },
    truth: [40, 60],
    given: [Number.NaN, 75],
    answers: { student: [44, 61], control: [28, 72], teacher: [41, 65] },
  });

export const animalRun = () =>
  taskRun('multilabel', {
    scores: { map: { student: 0.8, control: 0.6 }, f1: { student: 0.7, control: 0.5 } },
    perTarget: {
      map: { student: [0.9, 0.7, Number.NaN], control: [0.7, 0.5, Number.NaN] },
      f1: { student: [0.8, 0.6, Number.NaN], control: [0.6, 0.4, Number.NaN] },
    },
    truth: [1, 0, 1, 0, 0, 0],
    given: [1, 0, 1, 0, 1, 0],
    answers: { student: [0.9, 0.2, 0.8, 0.1, 0.2, 0.3], teacher: [0.9, 0.7, 0.8, 0.1, 0.2, 0.3] },
  });
