/** Scores beside the first one, from the events to the stored log, files and tables of experiments. */
import { expect, test } from 'vitest';
import { sharedScores, tableOf, type CellResult } from '../../../src/experiment/table';
import { metricsCsv } from '../../../src/export/metrics-csv';
import { predictionsCsv } from '../../../src/export/predictions-csv';
import { runsCsv } from '../../../src/export/tables-csv';
import { metricsOf } from '../../../src/record/run-metrics';
import { RunRecord } from '../../../src/record/run-record';
import { entriesOf, eventsOf } from '../../../src/storage/event-log';
import { pack, unpack } from '../../../src/storage/pack';
import { soundEntries } from '../../../src/storage/run-contents';
import type { RunEvent, RunFacts } from '../../../src/training/events';
import { recipe } from './told-runs';

const facts: RunFacts = {
  dataset: { id: 'digits-8x8', title: 'Digits', classes: ['0', '1'], shape: [2, 2, 1] },
  ...{ labelled: 10, unlabelled: 0, meta: 0, validation: 0, test: 4, wrongLabels: 0 },
  networks: [
    { role: 'teacher', name: 'cnn', parameters: 100, multiplyAdds: 1000, activationBytes: 1 },
    { role: 'student', name: 'mlp', parameters: 10, multiplyAdds: 20, activationBytes: 1, bits: 40 },
  ],
  ...{ extraParameters: 0, teacherSteps: 0, preludeSteps: 0, studentSteps: 20, notes: [] },
};
const bins = { counts: [1, 3], confidence: [0.4, 0.8], accuracy: [1, 2 / 3] };
const further = {
  further: { nll: { student: 0.5, teacher: 0.2 }, agreement: { student: 0.75 } },
  reliability: { student: bins },
  fidelity: { agreement: { student: [0.5, NaN] } },
};
const events: RunEvent[] = [
  {
    type: 'started',
    recipe,
    facts,
    watched: { images: [], height: 2, width: 2, channels: 1, pixels: new Uint8Array() },
    hintKeys: ['kd'],
  },
  {
    type: 'evaluation',
    ...{ phase: 'student', step: 20, split: 'test', images: 4 },
    scores: { accuracy: { student: 0.5, teacher: 1 } },
    trainScores: { accuracy: { student: 1 } },
    ...{ confusion: {}, loss: { student: 0.5 } },
    ...further,
    gradients: { norms: { ce: 2, kd: 1 }, cosines: { kd: -0.5 } },
  },
  { type: 'times', seconds: { teacher: 1.5, student: 3 } },
  {
    type: 'latency',
    latencies: {
      ...{ backend: 'wasm', device: 'SIMD', batch: 64, repeats: 31 },
      networks: { student: { one: 0.25, batch: null } },
    },
  },
  {
    type: 'finished',
    ...{ step: 20, stopped: false, final: { student: 0.5, teacher: 1 }, perClass: {}, seconds: 5 },
    constant: 0.5,
    ...further,
  },
];

function told(list: readonly RunEvent[]): RunRecord {
  const record = new RunRecord('a', recipe);
  record.take(list);
  return record;
}

test('the stored log keeps them, and a damaged one is left out', () => {
  const sound = soundEntries(unpack(pack(entriesOf(events))));
  expect(sound).toHaveLength(events.length);
  const metrics = (list: readonly RunEvent[]) => metricsOf(told(list), { name: 'a', number: 1 });
  expect(metrics(eventsOf(sound))).toEqual(metrics(events));
  const cut = structuredClone(events);
  Object.assign(cut[1]!, { reliability: { student: { ...bins, accuracy: [1] } } });
  Object.assign(cut[4]!, { fidelity: { agreement: { student: [1] } } });
  expect(soundEntries(cut).map(({ type }) => type)).toEqual(['started', 'times', 'latency']);
});

test('a run of an older page has none, and reads as it did', () => {
  const old = events.flatMap((event): RunEvent[] => {
    if (event.type === 'times' || event.type === 'latency') return [];
    const { further: _, reliability: __, fidelity: ___, ...rest } = event as typeof event & typeof further;
    return [rest as RunEvent];
  });
  const metrics = metricsOf(told(old), { name: 'a', number: 1 });
  expect(metrics).toMatchObject({ further: null, reliability: null, latencies: null, trainingSeconds: null });
  expect(metrics.costs.student).toEqual({ parameters: 10, multiplyAdds: 20, bytes: 5 });
  expect(metrics.costs.teacher?.bytes).toBe(400);
});

test('files name them by their ids', () => {
  const metrics = metricsOf(told(events), { name: 'a', number: 1 });
  const [head] = metricsCsv(metrics).split('\n');
  expect(head).toBe(
    'phase,kind,step,accuracy:student,accuracy:teacher,accuracy:student/train,nll:student,nll:teacher,agreement:student,gradient norm:ce,gradient norm:kd,gradient cosine:kd,accuracy:student/loss',
  );
  const [names, values] = runsCsv([metrics])
    .split('\n')
    .map((line) => line.split(','));
  const cell = (name: string) => values![names!.indexOf(name)];
  expect(cell('nll:student')).toBe('0.5');
  expect(cell('constant')).toBe('0.5');
  expect(cell('bytes:student')).toBe('5');
  expect(cell('latency_ms:student')).toBe('0.25');
  expect(names).not.toContain('latency_batch_ms:student');
  expect(cell('student_seconds')).toBe('3');
  const predictions = {
    ...{ targets: Float64Array.of(1, 0), width: 1, outputs: 2, scale: null },
    byLearner: { student: Float32Array.of(0.5, -2, 3, 4) },
  };
  expect(predictionsCsv(predictions, facts)).toBe('row,label,student:0,student:1\n0,1,0.5,-2\n1,0,3,4\n');
});

test('an experiment can be about any score that all of its runs have', () => {
  const result = (seed: number, nll: number): CellResult => ({
    ...{ entry: 0, seed, student: 0.5, control: 0.5, teacher: 1, seconds: 1, stepMs: null, failure: null },
    scores: { accuracy: { student: 0.5 }, nll: { student: nll, control: 1 } },
  });
  const results = [result(0, 0.5), result(1, 0.7)];
  expect(sharedScores(results).map(({ id }) => id)).toEqual(['accuracy', 'nll']);
  const experiment = { entries: [{ name: 'a', method: null }] } as unknown as Parameters<typeof tableOf>[0];
  const [line] = tableOf(experiment, results, 'nll');
  expect(line?.score.id).toBe('nll');
  // Lower is better.
  expect(line?.gain?.mean).toBeCloseTo(0.4, 12);
  expect(line?.teacher).toBeNull();
  const { scores: _, ...old } = result(2, 1);
  expect(sharedScores([...results, old]).map(({ id }) => id)).toEqual(['accuracy']);
  expect(tableOf(experiment, [old], 'no score')[0]?.score.id).toBe('accuracy');
});
