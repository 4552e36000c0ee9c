/** Scores of tasks other than classification, from the events to logs, files and tables. */
import { describe, expect, test, vi } from 'vitest';
import { tableOf } from '../../../src/experiment/table';
import { gainOf, scoreText, taskAbouts } from '../../../src/distill/tasks/about';
import { classesCsv, runsCsv } from '../../../src/export/tables-csv';
import { instancesCsv, metricsCsv } from '../../../src/export/metrics-csv';
import { tableMarkdown } from '../../../src/export/experiment-tables';
import { metricsOf } from '../../../src/record/run-metrics';
import { RunRecord } from '../../../src/record/run-record';
import { summaryOf } from '../../../src/record/summary';
import { entriesOf, eventsOf } from '../../../src/storage/event-log';
import { pack, unpack } from '../../../src/storage/pack';
import { soundEntries } from '../../../src/storage/run-contents';
import { soundProgress } from '../../../src/storage/stored-rows';
import type { RunProgress } from '../../../src/storage/schema';
import type { Run } from '../../../src/training/run';
import type { RunEvent, RunFacts } from '../../../src/training/events';
import { Checkpointer } from '../../../src/worker/checkpointer';
import { recipe } from './told-runs';

const facts: RunFacts = {
  task: 'regression',
  targets: { names: ['angle'], units: ['°'] },
  dataset: { id: 'hand', title: 'Hand', classes: [], shape: [2] },
  labelled: 10,
  unlabelled: 0,
  meta: 0,
  validation: 0,
  test: 2,
  wrongLabels: 0,
  networks: [],
  extraParameters: 0,
  teacherSteps: 0,
  preludeSteps: 0,
  studentSteps: 20,
  notes: [],
};

const started: RunEvent = {
  type: 'started',
  recipe,
  facts,
  watched: {
    images: [{ index: 3, trueLabel: -1, givenLabel: -1 }],
    ...{ height: 0, width: 0, channels: 0, pixels: new Uint8Array() },
    vectors: { names: ['x', 'y'], values: Float32Array.of(1, 2) },
    targets: { truth: Float32Array.of(30), given: Float32Array.of(NaN) },
  },
  hintKeys: ['logits'],
};

const evaluation = (step: number, mae: number): RunEvent => ({
  type: 'evaluation',
  phase: 'student',
  step,
  split: 'test',
  images: 2,
  scores: { mae: { student: mae, control: mae + 1 }, rmse: { student: 2 * mae }, r2: { student: 0.5 } },
  trainScores: { mae: { student: mae / 2 } },
  perTarget: { mae: { student: [mae] } },
  confusion: {},
  loss: { student: mae ** 2 },
  answers: {
    rows: Int32Array.of(0, 1),
    targets: Float32Array.of(10, 80),
    answered: { student: Float32Array.of(10 + mae, 80) },
  },
});

const events: RunEvent[] = [
  started,
  {
    type: 'step',
    phase: 'student',
    step: 10,
    learningRate: 0.1,
    values: { total: 3, mse: 1, logits: 2, logits·w: 2 },
  },
  evaluation(10, 30),
  evaluation(20, 12.5),
  {
    type: 'instances',
    snapshot: {
      step: 20,
      losses: { mse: [4] },
      weights: {},
      spreads: {},
      probabilities: {},
      answers: { student: [28] },
    },
  },
  {
    type: 'finished',
    step: 20,
    stopped: false,
    final: { student: 12.5, control: 14 },
    scores: { mae: { student: 12.5, control: 14 }, rmse: { student: 20, control: 21 }, r2: { student: 0.9 } },
    perClass: {},
    perTarget: { mae: { student: [12.5] } },
    seconds: 2,
  },
];

const told = (list: readonly RunEvent[]) => {
  const record = new RunRecord('a', recipe);
  record.take(list);
  return record;
};

test('the stored log of a regression is read as it was told, under the names of its own scores', () => {
  const entries = entriesOf(events);
  const text = JSON.stringify(entries);
  expect(text).not.toMatch(/accuracy/i);
  const sound = soundEntries(unpack(pack(entries)));
  expect(sound).toHaveLength(entries.length);
  const [live, read] = [told(events), told(eventsOf(sound))];
  expect(read.measured).toEqual(live.measured);
  expect(read.outcome).toEqual(live.outcome);
  expect(read.answers).toEqual(live.answers);
  expect(read.answers!.answered.student).toEqual(Float32Array.of(22.5, 80));
});

test('the log of a classification keeps its keys', () => {
  const measured: RunEvent = {
    ...(evaluation(1, 1) as Extract<RunEvent, { type: 'evaluation' }>),
    scores: { accuracy: { student: 0.5 } },
    trainScores: { accuracy: { student: 0.75 } },
  };
  const [entry] = entriesOf([measured]);
  expect(entry).toMatchObject({ accuracy: { student: 0.5 }, trainAccuracy: { student: 0.75 } });
  expect(entry).not.toHaveProperty('scores');
  expect(eventsOf([entry!])).toEqual([measured]);
});

test('files say which score is meant and never speak of accuracy', () => {
  const record = told(events);
  const metrics = metricsOf(record, { name: 'Hand', number: 1 });
  expect(metrics.evaluations.at(-1)).toMatchObject({ scores: { mae: { student: 12.5 } } });
  expect(metrics.scores).toMatchObject({ rmse: { student: 20 } });
  const tracked = instancesCsv(metrics);
  expect(tracked).toMatch(/^step,row,true:angle,given:angle,loss:mse/);
  expect(tracked).toMatch(/20,3,30,,4/);
  const csv = metricsCsv(metrics);
  const [head] = csv.split(/\r?\n/);
  expect(head).toContain('loss:mse·w');
  expect(head).toContain('mae:student,mae:control,mae:student/train,rmse:student,r2:student,loss:student');
  for (const text of [csv, runsCsv([metrics]), classesCsv(metrics)]) expect(text).not.toMatch(/accuracy/i);
  expect(classesCsv(metrics)).toMatch(/0,angle,°,12\.5/);
  expect(runsCsv([metrics])).toContain('mae:student');
});

describe('lower is better', () => {
  const [mae] = taskAbouts.regression.scores;

  test('for gains and experiments', () => {
    expect(gainOf(mae, 12.5, 14)).toBe(1.5);
    expect(scoreText(mae, 12.5, facts.targets)).toBe('12.5 °');
    const result = (seed: number) => ({
      entry: 0,
      seed,
      task: 'regression' as const,
      unit: '°',
      student: 12.5,
      control: 14,
      teacher: null,
      seconds: 1,
      stepMs: null,
      failure: null,
    });
    const experiment = { entries: [{ name: 'a', method: null }] } as unknown as Parameters<typeof tableOf>[0];
    const lines = tableOf(experiment, [result(0), result(1)]);
    expect(lines[0]).toMatchObject({ gain: { mean: 1.5, wins: 2, n: 2 } });
    expect(tableMarkdown(lines)).toMatch(
      /student MAE, ° .* gain, ° .* 12\.5 ± 0\.00 \| 14\.0 \| \+1\.50 ± 0\.00 \| \+1\.50 to \+1\.50 \| 2\/2/s,
    );
  });

  test('for the weights that are kept as the best', async () => {
    const best: number[] = [];
    const keeper = new Checkpointer(
      told([started]),
      () => ({ journal: new Promise(() => undefined), release: vi.fn() }),
      vi.fn(),
    );
    for (const [step, score] of [
      [1, 30],
      [2, 12.5],
      [3, 14],
    ] as const) {
      keeper.take([evaluation(step, score)]);
      const run = { weights: async () => (best.push(step), Uint8Array.of(step)) } as unknown as Run;
      await keeper.between(run);
    }
    expect(best).toEqual([1, 2]);
  });
});

test('the list of runs keeps scores above one, with the task and their unit', () => {
  const summary = summaryOf(told(events));
  const row = soundProgress({ ...summary, final: { student: 12.5 } } as unknown as RunProgress);
  expect(row).toMatchObject({ task: 'regression', unit: '°' });
  expect(row.final).toEqual({ student: 12.5 });
  expect(row.curve.student).toEqual([30, 12.5]);
  expect(soundProgress({ final: { student: 12.5 } } as unknown as RunProgress).final).toBeNull();
});
