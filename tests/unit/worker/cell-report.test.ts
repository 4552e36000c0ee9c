import { expect, test } from 'vitest';
import { defaultRecipe } from '../../../src/distill/recipe';
import { RunRecord } from '../../../src/record/run-record';
import type { RunEvent, RunFacts } from '../../../src/training/events';
import { CellReport } from '../../../src/worker/cell-report';
import { keptAssets } from '../../../src/worker/fetch-asset';
import type { TrainingEvent } from '../../../src/worker/training-protocol';

const facts = { teacherSteps: 10, preludeSteps: 0, studentSteps: 30, networks: [] } as unknown as RunFacts;
const started: RunEvent = {
  type: 'started',
  recipe: defaultRecipe(),
  facts,
  watched: { images: [], height: 0, width: 0, channels: 0, pixels: new Uint8Array() },
  hintKeys: [],
};
const stepAt = (phase: 'teacher' | 'student', step: number): RunEvent => ({
  type: 'step',
  phase,
  step,
  learningRate: 0.1,
  values: { total: 1 },
});

function reportOf(label: { name: string; number: number } | null) {
  const told: TrainingEvent[] = [];
  const record = new RunRecord('a', defaultRecipe());
  return { told, record, report: new CellReport(record, { label }, (event) => told.push(event)) };
}

test('of a cell the page hears each phase, no events, and what came of it', () => {
  const { told, report } = reportOf({ name: 'KD', number: 3 });
  report.take([started], false);
  report.take([{ type: 'phase', phase: 'teacher', steps: 10, text: '' }], false);
  for (let step = 1; step <= 10; step++) report.take([stepAt('teacher', step)], false);
  report.take([{ type: 'phase', phase: 'student', steps: 30, text: '' }, stepAt('student', 1)], false);
  const phases = told.flatMap((event) => (event.type === 'progress' ? [event.phase] : []));
  expect(phases.filter((phase, i) => phase !== phases[i - 1])).toEqual(['student', 'teacher', 'student']);
  expect(told.at(-1)).toMatchObject({ type: 'progress', done: 11, total: 40, step: 1 });

  report.take(
    [{ type: 'finished', step: 30, stopped: false, final: { student: 0.5 }, perClass: {}, seconds: 1 }],
    false,
  );
  report.end();
  const last = told.at(-1);
  if (last?.type !== 'cell' || 'failure' in last.end) throw new Error('It has an outcome.');
  expect(last.end.outcome).toMatchObject({ student: 0.5, failure: null });
  const metrics = JSON.parse(new TextDecoder().decode(last.end.metrics!)) as Record<string, unknown>;
  expect(metrics).toMatchObject({ name: 'KD', number: 3, final: { student: 0.5 } });
  expect(told.every(({ type }) => type === 'progress' || type === 'cell')).toBe(true);
});

test('a cell that failed tells why, and one whose metrics nobody wants has none', () => {
  const failed = reportOf(null);
  failed.report.take(
    [{ type: 'failed', step: 0, phase: 'student', message: 'Too large.', knob: null }],
    false,
  );
  failed.report.end();
  expect(failed.told).toEqual([{ type: 'cell', run: 'a', end: { failure: 'Too large.' } }]);

  const { told, record, report } = reportOf(null);
  const end: RunEvent[] = [
    started,
    { type: 'finished', step: 30, stopped: false, final: {}, perClass: {}, seconds: 1 },
  ];
  record.take(end);
  report.take(end, true);
  report.end();
  expect(told.at(-1)).toMatchObject({ type: 'cell', end: { metrics: null } });
});

test('the files that were asked for last stay, up to 8 MB', async () => {
  const loaded: string[] = [];
  const fetchAsset = keptAssets((path) => {
    loaded.push(path);
    return Promise.resolve(new ArrayBuffer(3 * 2 ** 20));
  });
  for (const path of ['a', 'b', 'a', 'c', 'a', 'b']) await fetchAsset(path);
  expect(loaded).toEqual(['a', 'b', 'c', 'b']);
});
