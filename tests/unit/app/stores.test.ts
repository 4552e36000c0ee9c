import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { WeightChoice } from '../../../src/app/export/weight-choices';
import { createSession, statesOf, type Session } from './open-session';
import { withValue } from '../../../src/distill/recipe';
import { setOf } from './sets';
import type { ImportReport } from '../../../src/data/import-report';
import type { LabelledImages } from '../../../src/data/labelled-images';
import type { ImportedSet } from '../../../src/worker/import-client';
import { WorkerGone } from '../../../src/worker/rpc';
import type { TrainingEvent, TrainingProtocol } from '../../../src/worker/training-protocol';

type Calls = TrainingProtocol['calls'];

interface Deferred {
  promise: Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}

function deferred(): Deferred {
  const made = {} as Deferred;
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

/** What the training worker was called for and commanded, each with its type. */
let sent: { type: string }[];
/** How its calls end. */
let answers: Deferred[];
let tell: (event: TrainingEvent) => void;
let session: Session;
let answer: (result: ImportedSet) => void;

const state = () => statesOf(session);

beforeEach(() => {
  sent = [];
  answers = [];
  vi.stubGlobal('window', { setTimeout: () => 0, clearTimeout: () => undefined });
  session = createSession({
    training: (listener) => {
      tell = listener;
      return {
        call: <N extends keyof Calls>(type: N, input: Calls[N]['takes']) => {
          sent.push({ type, ...input });
          answers.push(deferred());
          return answers.at(-1)!.promise as Promise<Calls[N]['gives']>;
        },
        tell: (command) => sent.push(command),
        dispose: () => undefined,
      };
    },
    onnx: () => Promise.reject(new Error('No model is asked here.')),
    exports: () => ({
      call: () => Promise.reject(new Error('no files in this test')),
      tell: () => undefined,
      dispose: () => undefined,
    }),
    imports: () => ({
      importFiles: () => ({ result: new Promise((resolve) => (answer = resolve)), cancel: () => undefined }),
      changeSet: () => ({ result: Promise.resolve(null), cancel: () => undefined }),
      exportSet: () => ({ result: Promise.resolve(null), cancel: () => undefined }),
      bundled: () => Promise.reject(new Error('none here')),
      dispose: () => undefined,
    }),
  });
});
afterEach(() => vi.unstubAllGlobals());

function startedRun(): string {
  state().runs.start();
  const id = state().library.active!;
  tell({ type: 'state', run: id, state: 'running' });
  return id;
}

test('live knobs go to the run, others only to the recipe', () => {
  state().recipe.turn('hints.0.weight', 0.5);
  expect(sent).toEqual([]);
  const run = startedRun();
  state().recipe.turn('hints.0.weight', 0.7);
  expect(sent.at(-1)).toEqual({ type: 'turn', run, path: 'hints.0.weight', value: 0.7 });
  expect(state().recipe.recipe.hints[0]?.weight).toBe(0.7);
});

test('one key starts, pauses and resumes', () => {
  const run = startedRun();
  state().runs.startOrPause();
  expect(sent.at(-1)).toEqual({ type: 'pause', run });
  tell({ type: 'state', run, state: 'paused' });
  state().runs.startOrPause();
  expect(sent.at(-1)).toEqual({ type: 'resume', run });
});

test('a restart gives up the run and starts the recipe as it is now', () => {
  const first = startedRun();
  state().runs.restart();
  expect(sent.slice(-2).map(({ type }) => type)).toEqual(['stop', 'start']);
  expect(state().library.active).not.toBe(first);
  // The last words of the old run do not end the new one.
  tell({ type: 'state', run: first, state: 'stopped' });
  expect(state().library.active).not.toBeNull();
});

test('a failed run is told with the knob to turn, and another can start', () => {
  const run = startedRun();
  const message = 'The loss is no longer a number.';
  tell({
    type: 'events',
    run,
    events: [{ type: 'failed', step: 7, phase: 'student', message, knob: 'schedule.learningRate' }],
  });
  tell({ type: 'state', run, state: 'failed' });
  expect(state().view.notices).toMatchObject([{ text: message, knob: 'schedule.learningRate' }]);
  expect(state().library.active).toBeNull();
  state().view.revealKnob('schedule.learningRate');
  expect(state().view.openSections).toContain('schedule');
  state().runs.start();
  expect(state().library.active).not.toBeNull();
});

test('own images are asked for before a recipe on them starts', () => {
  state().recipe.setRecipe(withValue(state().recipe.recipe, 'material.dataset', 'upload'));
  state().runs.start();
  expect(state().library.active).toBeNull();
  expect(state().view.notices[0]?.title).toBe('No data yet');
});

describe('method views of a run whose steps rest', () => {
  const view = (values: number[]) => ({
    view: 'look' as const,
    title: 'kd',
    line: '',
    panels: [
      { label: '', who: null, kind: 'bars' as const, shape: [1, 2], values: Float32Array.from(values) },
    ],
  });
  const asked = () => sent.filter(({ type }) => type === 'views');

  test.each(['paused', 'finished', 'stopped'] as const)(
    'follow a knob of a %s run at once, until it reports its own',
    async (rest) => {
      const run = startedRun();
      tell({ type: 'state', run, state: rest });
      state().recipe.turn('hints.0.knobs.temperature', 8);
      expect(asked()).toEqual([{ type: 'views', run, hints: state().recipe.recipe.hints }]);
      answers.at(-1)!.resolve([view([0.4, 0.6])]);
      await vi.waitFor(() => expect(state().runs.preview).toEqual({ run, views: [view([0.4, 0.6])] }));
      const own = { type: 'views', phase: 'student', step: 1, views: [view([0, 1])] } as const;
      tell({ type: 'events', run, events: [{ ...own, views: [...own.views] }] });
      expect(state().runs.preview).toBeNull();
    },
  );

  test('are asked for again with the last of the values that a dragged knob had meanwhile', async () => {
    const run = startedRun();
    tell({ type: 'state', run, state: 'paused' });
    for (const temperature of [5, 6, 7]) state().recipe.turn('hints.0.knobs.temperature', temperature);
    expect(asked()).toHaveLength(1);
    answers.at(-1)!.resolve([view([0.5, 0.5])]);
    await vi.waitFor(() => expect(asked()).toHaveLength(2));
    expect(asked()[1]).toMatchObject({ hints: [{ knobs: { temperature: 7 } }] });
    answers.at(-1)!.resolve([view([0.7, 0.3])]);
    await vi.waitFor(() => expect(state().runs.preview?.views).toEqual([view([0.7, 0.3])]));
  });

  test('are not asked for while steps run, and not taken once the run goes on', async () => {
    const run = startedRun();
    state().recipe.turn('hints.0.knobs.temperature', 5);
    expect(asked()).toEqual([]);
    tell({ type: 'state', run, state: 'paused' });
    state().recipe.turn('hints.0.knobs.temperature', 6);
    tell({ type: 'state', run, state: 'running' });
    answers.at(-1)!.resolve([view([0.5, 0.5])]);
    await answers.at(-1)!.promise;
    await Promise.resolve();
    expect(state().runs.preview).toBeNull();
  });
});

test('a sample of the last measurement gives way to a tracked one that is chosen', () => {
  const run = startedRun();
  state().view.set({ measured: { run, place: 3 } });
  state().view.set({ logLoss: true });
  expect(state().view.measured).toEqual({ run, place: 3 });
  state().view.set({ selected: 5 });
  expect(state().view).toMatchObject({ measured: null, selected: 5 });
});

const report: ImportReport = {
  outcome: 'loaded',
  format: 'IDX',
  train: 1,
  test: 1,
  shape: [1, 1, 1],
  classes: ['a'],
  trainCounts: [1],
  testCounts: [1],
  warnings: [],
  skipped: [],
  skippedCount: 0,
  message: 'Two images were read.',
  guesses: [],
};
const split = { images: new Uint8Array(1), labels: new Int32Array(1), count: 1 };
const dataset: LabelledImages = {
  id: 'upload',
  title: 'mine',
  height: 1,
  width: 1,
  channels: 1,
  classes: ['a', 'b'],
  train: split,
  test: split,
};

test('an import is used only when it is taken, and then with a teacher that can learn it', async () => {
  const set = await setOf(dataset);
  const reading = state().data.importFiles([{ path: 'x', bytes: new Blob() }]);
  answer({ report, set });
  await reading;
  expect(state().recipe.recipe.material.dataset).not.toBe('upload');
  state().data.takeCandidate();
  expect(state().recipe.recipe.material.dataset).toBe('upload');
  expect(state().recipe.recipe.teacher.knobs['source']).toBe('train');
  state().runs.start();
  expect(sent.at(-1)).toMatchObject({ type: 'start', dataset: { kind: 'held', hash: set.key } });
});

test('a file with a run is looked into, wherever files are taken, and not read as images', async () => {
  const bytes = new Blob(['a run']);
  await state().data.importFiles([{ path: 'folder/my run.RETORT', bytes }]);
  expect(state().data.importing).toBeNull();
  expect(state().library.runFile).toEqual([{ path: 'folder/my run.RETORT', bytes }]);
  state().library.closeRunFile();
  expect(state().library.runFile).toBeNull();
});

test('a cancelled import changes nothing, even when it answers late', async () => {
  const reading = state().data.importFiles([{ path: 'x', bytes: new Blob() }]);
  state().data.cancelImport();
  answer({ report, set: await setOf(dataset) });
  await reading;
  expect(state().data.candidate).toBeNull();
  expect(state().data.importing).toBeNull();
});

test('only the newest question about costs is answered', async () => {
  state().runs.inspect();
  state().runs.inspect();
  answers[0]!.resolve({ problem: 'old', knob: null });
  await answers[0]!.promise;
  expect(state().runs.factsProblem).toBeNull();
  answers[1]!.resolve({ problem: 'new', knob: 'student.network' });
  await vi.waitFor(() =>
    expect(state().runs.factsProblem).toEqual({ problem: 'new', knob: 'student.network' }),
  );
});

const stopped = () => new WorkerGone('The training worker stopped (no reason given).');
const options = { foldBatchNorm: false, feed: 'pixels' } as const;
const weights = { from: 'end', ending: '' } as unknown as WeightChoice;

describe('a training worker that dies', () => {
  test.each([
    [
      'weights',
      (id: string) => state().library.saveModel(id, { learner: 'student', weights, format: 'onnx' }, options),
    ],
    ['exportBundle', (id: string) => state().library.savePytorch(id, weights, false)],
  ] as const)('while the %s are asked for says so, and the next export asks again', async (type, save) => {
    const id = startedRun();
    for (const nth of [1, 2]) {
      const saving = save(id);
      expect(sent.filter((call) => call.type === type)).toHaveLength(nth);
      expect(state().library.writing).not.toBeNull();
      answers.at(-1)!.reject(stopped());
      await saving;
      expect(state().library.writing).toBeNull();
      expect(state().library.exportProblem).toContain('The training worker stopped');
    }
  });

  test('while costs are asked for says so, and neither waits for ever nor forbids the start', async () => {
    state().runs.inspect();
    expect(state().runs.factsPending).toBe(true);
    answers[0]!.reject(stopped());
    await vi.waitFor(() => expect(state().runs.factsPending).toBe(false));
    expect(state().runs.factsProblem).toBeNull();
    expect(state().view.notices[0]!.text).toContain('The training worker stopped');
  });

  test('while a teacher of files is looked at says so, and takes the files again', async () => {
    const files = [new File(['x'], 'teacher.safetensors')];
    for (const nth of [1, 2]) {
      const bringing = state().data.importTeacher(files);
      expect(state().data.importedTeacher.pending).toBe(true);
      await vi.waitFor(() => expect(sent.filter(({ type }) => type === 'importTeacher')).toHaveLength(nth));
      answers.at(-1)!.reject(stopped());
      await bringing;
      const { pending, problem } = state().data.importedTeacher;
      expect(pending).toBe(false);
      expect(problem).toContain(`${stopped().message} The teacher is still the one that was chosen before: `);
    }
  });

  test('while a former teacher is looked for says so', async () => {
    state().data.findTeacher('a-checksum');
    answers.at(-1)!.reject(stopped());
    await vi.waitFor(() =>
      expect(state().data.importedTeacher).toMatchObject({ pending: false, problem: stopped().message }),
    );
  });
});
