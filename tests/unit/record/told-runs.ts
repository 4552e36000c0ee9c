/** Runs as they may be told, for properties of the record. */
import fc from 'fast-check';
import { defaultRecipe } from '../../../src/distill/recipe';
import type { Phase, RunEvent, RunFacts } from '../../../src/training/events';

export const recipe = defaultRecipe();

/** A step of the student, its number all that matters. */
export const studentStep = (number: number): RunEvent => ({
  type: 'step',
  phase: 'student',
  step: number,
  learningRate: 0.1,
  values: { total: 1 },
});

const facts: RunFacts = {
  dataset: { id: 'digits-8x8', title: 'Digits', classes: ['0', '1'], shape: [2, 2, 1] },
  labelled: 10,
  unlabelled: 0,
  meta: 0,
  validation: 0,
  test: 4,
  wrongLabels: 0,
  networks: [],
  extraParameters: 0,
  teacherSteps: 20,
  preludeSteps: 0,
  studentSteps: 20,
  notes: [],
};

const started: RunEvent = {
  type: 'started',
  recipe,
  facts,
  watched: {
    images: [
      { index: 7, trueLabel: 1, givenLabel: -1 },
      { index: 9, trueLabel: 0, givenLabel: 1 },
    ],
    height: 2,
    width: 2,
    channels: 1,
    pixels: new Uint8Array(8),
  },
  hintKeys: ['kd'],
};

const single = fc.float({ noNaN: true, min: -1000, max: 1000 });
const share = fc.double({ noNaN: true, min: 0, max: 1 });
const losses = fc.oneof(
  fc.record({ total: single, ce: single, kd: single, kd·w: single }),
  fc.record({ total: single, ce: single, 'meta/before': fc.oneof(single, fc.constant(Number.NaN)) }),
);

/** What is told after one step, its step included. */
const toldAt = (phase: Phase, step: number): fc.Arbitrary<RunEvent[]> =>
  fc
    .record({
      values: losses,
      accuracy: fc.option(share),
      pair: fc.option(fc.tuple(single, single)),
      kinds: fc.subarray(['speed', 'progress', 'views', 'knob', 'warning', 'engine'] as const),
    })
    .map(({ values, accuracy, pair, kinds }): RunEvent[] => [
      { type: 'step', phase, step, learningRate: 0.1, values },
      ...(accuracy === null ? [] : [evaluation(phase, step, accuracy)]),
      ...(pair === null || phase !== 'student' ? [] : [instances(step, pair)]),
      ...kinds.map((kind) => further[kind](phase, step)),
    ]);

const evaluation = (phase: Phase, step: number, accuracy: number): RunEvent => ({
  type: 'evaluation',
  phase,
  step,
  split: 'test',
  images: 4,
  scores: {
    accuracy: phase === 'teacher' ? { teacher: accuracy } : { student: accuracy, control: accuracy / 2 },
  },
  trainScores: { accuracy: phase === 'teacher' ? {} : { student: accuracy } },
  confusion: { student: [step, 0, 0, 1] },
  loss: { student: 1 - accuracy },
  ...(phase === 'student'
    ? {
        samples: {
          rows: Int32Array.from([1, 2]),
          labels: Uint16Array.from([0, 1]),
          predicted: { student: Uint16Array.from([step % 2, 1]) },
        },
      }
    : {}),
});

const instances = (step: number, pair: [number, number]): RunEvent => ({
  type: 'instances',
  snapshot: {
    step,
    losses: { ce: pair, kd: pair },
    weights: { kd: [...pair].reverse() },
    spreads: step % 2 ? { kd: pair } : {},
    probabilities: { student: [0, 1, 1, 0] },
  },
});

const further = {
  speed: (): RunEvent => ({ type: 'speed', stepsPerSecond: 9, tensors: 1, bytes: 1 }),
  progress: (phase: Phase): RunEvent => ({ type: 'progress', phase, text: 'Compiling', share: 0.5 }),
  views: (phase: Phase, step: number): RunEvent => ({
    type: 'views',
    phase,
    step,
    views: [
      { view: 'look', title: 'A', line: `at ${step}`, panels: [] },
      { view: 'look', title: `B${step % 2}`, line: `at ${step}`, panels: [] },
    ],
  }),
  knob: (phase: Phase, step: number): RunEvent => ({
    type: 'knob',
    phase,
    step,
    path: 'hints.0.weight',
    label: 'Weight',
    from: 1,
    to: step,
  }),
  warning: (_: Phase, step: number): RunEvent => ({ type: 'warning', step, text: `Hm at ${step}.` }),
  engine: (phase: Phase, step: number): RunEvent => ({
    type: 'engine',
    phase,
    step,
    engine: { recorded: true, why: 'It is.', dispatches: step, kernels: 2, bytes: 3, notes: [] },
  }),
};

const phaseTold = (phase: Phase): fc.Arbitrary<RunEvent[]> =>
  fc
    .integer({ min: 0, max: 20 })
    .chain((steps) =>
      fc
        .tuple(...Array.from({ length: steps }, (_, i) => toldAt(phase, i + 1)))
        .map((each): RunEvent[] => [
          { type: 'phase', phase, steps, text: `The ${phase} learns.` },
          evaluation(phase, 0, 0.5),
          ...each.flat(),
        ]),
    );

export const onBackend: RunEvent = { type: 'backend', name: 'wasm', device: 'SIMD' };

const finished: RunEvent = {
  type: 'finished',
  step: 20,
  stopped: false,
  final: { student: 0.9731, control: 1 / 3 },
  perClass: { student: [1, 0.5], control: [0.25, 0.125] },
  seconds: 1.25,
};

/** A run from its start to its end. */
export const toldRun: fc.Arbitrary<RunEvent[]> = fc
  .tuple(phaseTold('teacher'), phaseTold('student'))
  .map(([teacher, student]) => [onBackend, started, ...teacher, ...student, finished]);
