import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { metricsOf } from '../../../src/record/run-metrics';
import { RunRecord } from '../../../src/record/run-record';
import { entriesOf, eventsOf } from '../../../src/storage/event-log';
import { soundEntries } from '../../../src/storage/run-contents';
import { moveEvents } from '../../../src/training/backend-move';
import type { RunEvent } from '../../../src/training/events';
import { onBackend, recipe, toldRun, studentStep as step } from './told-runs';

/** All that a record holds, but for readings of the moment. */
function heldIn(record: RunRecord) {
  const { views, engine, confusion, evaluated, phase, phaseSteps, step, marks, hintKeys, tracked } = record;
  const metrics = { ...metricsOf(record, { name: 'Run', number: 1 }), stepsPerSecond: null };
  const shown = { views, engine, confusion, evaluated, phase, phaseSteps, step, marks, hintKeys, tracked };
  return structuredClone({ ...shown, warnings: record.warnings, latest: record.snapshots.latest, metrics });
}

function recordFrom(chunks: readonly (readonly RunEvent[])[]): RunRecord {
  const record = new RunRecord('run', recipe);
  for (const chunk of chunks) record.take(chunk);
  return record;
}

/** The events in chunks that end at the places. */
function cutAt(events: readonly RunEvent[], places: readonly number[]): RunEvent[][] {
  const ends = [...places.map((place) => place % events.length), events.length].sort((a, b) => a - b);
  return ends.map((end, i) => events.slice(ends[i - 1] ?? 0, end));
}

const stored = (events: readonly RunEvent[]) => eventsOf(soundEntries(entriesOf(events)));
const places = fc.array(fc.nat(), { maxLength: 12 });

describe('the record of a run is the same', () => {
  test('whether its events come one by one, in chunks or through the storage', () => {
    fc.assert(
      fc.property(toldRun, places, (events, cuts) => {
        const whole = heldIn(recordFrom([events]));
        expect(heldIn(recordFrom(events.map((event) => [event])))).toEqual(whole);
        const chunks = cutAt(events, cuts);
        expect(heldIn(recordFrom(chunks))).toEqual(whole);
        expect(heldIn(recordFrom([chunks.flatMap(stored)]))).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  test('after it broke off, went on from its last save and told what came after it again', () => {
    fc.assert(
      fc.property(toldRun, places, fc.nat(), (events, cuts, place) => {
        const whole = heldIn(recordFrom([events]));
        // A save holds what was told up to it; the log is cut to it, and the backend is told again.
        const saved = events.slice(0, 2 + (place % (events.length - 2)));
        const again = [onBackend, ...events.slice(saved.length)];
        expect(heldIn(recordFrom([cutAt(saved, cuts).flatMap(stored), again]))).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  test('after it went back to a good state and told steps again', () => {
    fc.assert(
      fc.property(toldRun, fc.nat(), fc.nat(), (events, first, second) => {
        const start = events.findIndex((event) => event.type === 'phase' && event.phase === 'student') + 2;
        const told = events.slice(start, -1).filter(({ type }) => isMeasured(type));
        const once = [...events.slice(0, start), ...told, events.at(-1)!];
        const lost = first % (told.length + 1);
        const back = second % (lost + 1);
        // What is told again begins with a step.
        const from = told.slice(0, back + 1).findLastIndex(({ type }) => type === 'step');
        const twice = [
          ...events.slice(0, start),
          ...told.slice(0, lost),
          ...told.slice(Math.max(from, 0)),
          events.at(-1)!,
        ];
        expect(heldIn(recordFrom([twice]))).toEqual(heldIn(recordFrom([once])));
      }),
      { numRuns: 50 },
    );
  });
});

const isMeasured = (type: RunEvent['type']) =>
  type === 'step' || type === 'evaluation' || type === 'instances' || type === 'views';

test('a change of the backend is held with the first step that ran on it', () => {
  const webgpu: RunEvent = { type: 'backend', name: 'webgpu', device: 'A' };
  const record = recordFrom([[webgpu, step(1), step(2), webgpu, step(3), onBackend, step(2)]]);
  expect(record.backends).toEqual([
    { name: 'webgpu', device: 'A', from: { phase: 'student', step: 1 } },
    { name: 'wasm', device: 'SIMD', from: { phase: 'student', step: 2 } },
  ]);
  expect(metricsOf(record, { name: '', number: 1 })).toMatchObject({ backend: 'wasm', device: 'SIMD' });
});

test('a move to another backend is held with its place: steps told before the device was lost are done again', () => {
  const webgpu: RunEvent = { type: 'backend', name: 'webgpu', device: 'A' };
  const move = { phase: 'student', step: 13, from: 'webgpu', to: 'wasm' } as const;
  const told = moveEvents(
    'The graphics device was lost a second time at step 15.',
    { name: 'wasm', device: 'SIMD' },
    move,
    15,
  );
  const record = recordFrom([[webgpu, onBackend, ...told]]);
  expect(record.moves).toEqual([move]);
  expect(metricsOf(record, { name: '', number: 1 })).toMatchObject({
    backend: 'wasm',
    backends: [
      { name: 'webgpu', device: 'A' },
      { name: 'wasm', device: 'SIMD', from: { phase: 'student', step: 13 } },
    ],
    warnings: [
      'The graphics device was lost a second time at step 15. The run goes on with WebAssembly from step 13; its last digits differ.',
    ],
  });
});
