/** The page's file of all numbers and that of `npm run distill` are one. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runFiles } from '../../../src/app/export/run-files';
import type { RunEntry } from '../../../src/app/store/library/library-store';
import { readRecipe } from '../../../src/distill/recipe';
import type { Metrics } from '../../../src/record/run-metrics';
import { RunRecord } from '../../../src/record/run-record';
import type { RunEvent } from '../../../src/training/events';
import { HeadlessRun } from '../../../src/worker/headless-run';
import type { TrainingClient } from '../../../src/worker/training-client';
import type { TrainingEvent } from '../../../src/worker/training-protocol';
import { recipe, toldRun } from './told-runs';

let saved: Blob | null = null;

beforeEach(() => {
  // What a download needs of a page.
  vi.stubGlobal('document', { createElement: () => ({ click: () => undefined }) });
  vi.stubGlobal('window', { setTimeout: () => 0 });
  vi.spyOn(URL, 'createObjectURL').mockImplementation((content) => {
    saved = content as Blob;
    return 'blob:saved';
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A worker that tells the run it is given. */
function teller(events: RunEvent[]) {
  return (tell: (event: TrainingEvent) => void) => ({
    call: ((name: string) => {
      if (name === 'backend') return Promise.resolve({ name: 'wasm', device: 'SIMD', reason: '' });
      if (name === 'start') {
        tell({ type: 'events', run: 'alone', events });
        tell({ type: 'state', run: 'alone', state: 'finished' });
      }
      return Promise.resolve(null);
    }) as TrainingClient['call'],
    dispose: () => undefined,
  });
}

async function fromTerminal(events: RunEvent[]): Promise<Metrics> {
  const { metrics } = await new HeadlessRun(() => undefined, teller(events)).distill(recipe, null, null);
  return JSON.parse(JSON.stringify(metrics, null, 2)) as Metrics;
}

async function fromPage(events: RunEvent[]): Promise<Metrics> {
  const record = new RunRecord('id', recipe);
  for (const event of events) record.take([event]);
  return JSON.parse(await fileOf(record)) as Metrics;
}

function fileOf(record: RunRecord): Promise<string> {
  const run = { name: recipe.title, number: 1, recipe } as RunEntry;
  const file = runFiles(run, record, []).find(({ label }) => label === 'All of it, JSON');
  file!.save();
  return saved!.text();
}

test('the same events make the same file', async () => {
  await fc.assert(
    fc.asyncProperty(toldRun, async (events) => {
      expect(await fromPage(events)).toEqual(await fromTerminal(events));
    }),
    { numRuns: 20 },
  );
});

test('it has every field of both, and reads back', async () => {
  const [events] = fc.sample(toldRun, { numRuns: 1, seed: 7 });
  const metrics = await fromTerminal(events!);
  const former = {
    terminal:
      'recipe backend device facts evaluations watchedImages watched warnings stepsPerSecond stopped final perClass seconds',
    page: 'name number recipe facts final perClass seconds knobs steps evaluations watched moments',
  };
  expect(Object.keys(metrics)).toEqual(
    expect.arrayContaining(Object.values(former).flatMap((names) => names.split(' '))),
  );
  expect(readRecipe(metrics.recipe).problems).toEqual([]);
  const told = events!.filter((event) => event.type === 'evaluation');
  expect(metrics.evaluations.map(({ phase, step, accuracy }) => ({ phase, step, accuracy }))).toEqual(
    told.map(({ phase, step, scores }) => ({ phase, step, accuracy: scores['accuracy'] })),
  );
  // The newest losses before a measurement are those of its own step.
  const steps = events!.filter((event) => event.type === 'step');
  for (const { phase, step, losses } of metrics.evaluations)
    expect(losses).toEqual(
      JSON.parse(
        JSON.stringify(steps.find((told) => told.phase === phase && told.step === step)?.values ?? {}),
      ),
    );
});

test('a run of an older page, which did not tell its backend, still has a file', async () => {
  const [events] = fc.sample(toldRun, { numRuns: 1, seed: 7 });
  const metrics = await fromPage(events!.filter(({ type }) => type !== 'backend'));
  expect(metrics).toEqual({ ...(await fromPage(events!)), backend: null, device: null, backends: [] });
});

test('a number in single precision is written short and keeps its bits; what is none is null', async () => {
  const probe = (numbers: readonly number[]): RunEvent[] =>
    numbers.map((value, i) => ({
      type: 'step',
      phase: 'student',
      step: i + 1,
      learningRate: 1,
      values: { probe: value },
    }));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.float(), { minLength: 1 }), async (numbers) => {
      const read = (await fromPage(probe(numbers))).steps.student.columns['probe']!;
      expect(read.map((value) => value && Math.fround(value))).toEqual(
        numbers.map((value) => (Number.isFinite(value) ? value || 0 : null)),
      );
    }),
  );
  const record = new RunRecord('id', recipe);
  record.take(probe([Math.fround(0.1)]));
  expect(await fileOf(record)).toContain('"probe":[0.1]');
});
