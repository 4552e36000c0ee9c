import { beforeEach, describe, expect, test, vi } from 'vitest';
import { defaultRecipe } from '../../../src/distill/recipe';
import type { OwnSetRef } from '../../../src/storage/set-handle';
import type { ImportedTeacher } from '../../../src/storage/schema';
import { serve, WorkerGone, type Handlers } from '../../../src/worker/rpc';
import { TrainingClient } from '../../../src/worker/training-client';
import type { TrainingEvent, TrainingProtocol } from '../../../src/worker/training-protocol';
import { LinkedWorker } from './linked-worker';

interface Message {
  kind: string;
  name?: string;
  input?: { dataset?: OwnSetRef | null };
}

const recipe = defaultRecipe();
const teacher = { id: 'a-teacher' } as ImportedTeacher;
const held = { about: teacher, file: new Blob(['packed']) };
let workers: LinkedWorker[];
let events: TrainingEvent[];
let client: TrainingClient;
/** Sets that the worker was to inspect. */
let inspected: (OwnSetRef | null)[];
/** What the worker has open. */
let lent: Awaited<ReturnType<typeof client.call<'lend'>>>;
let post: (event: TrainingEvent) => void;

const never = () => new Promise<never>(() => undefined);

beforeEach(() => {
  [workers, events, inspected] = [[], [], []];
  lent = { set: null, teacher: null };
  const handlers = {
    backend: ({ forced }: { forced: string | null }) => ({
      name: forced ?? 'cpu',
      device: '',
      reason: '',
      forced: true,
      lacks: {},
      rejected: [],
    }),
    inspect: ({ dataset }: { dataset: OwnSetRef | null }) => {
      inspected.push(dataset);
      return { problem: 'none', knob: null };
    },
    lend: () => lent,
    importTeacher: () => ({ teacher, held }),
    restoreTeacher: () => undefined,
    start: () => undefined,
    ...Object.fromEntries(
      ['continue', 'weights', 'exportBundle', 'findTeacher'].map((name) => [name, never]),
    ),
    // The page’s side looks at no more of the answers.
  } as Partial<Record<keyof Handlers<TrainingProtocol>, unknown>> as Handlers<TrainingProtocol>;
  client = new TrainingClient(
    (event) => events.push(event),
    () => {
      const linked = new LinkedWorker((scope) => {
        post = serve<TrainingProtocol>({ scope, handlers });
      });
      workers.push(linked);
      return linked.worker;
    },
  );
});

const sentTo = (nth: number) => workers[nth]!.sent as Message[];
describe('images of the user’s own', () => {
  test('are named by their digest, also to the next worker; no pixel crosses', async () => {
    const dataset = { kind: 'stored', hash: 'abc' } as const;
    await client.call('inspect', { recipe, dataset });
    await client.call('start', { run: 'a', recipe, dataset });
    workers[0]!.crash();
    await client.call('inspect', { recipe, dataset });
    const sent = [...sentTo(0), ...sentTo(1)];
    expect(sent.map(({ name }) => name)).toEqual(['inspect', 'start', 'inspect']);
    for (const { input } of sent) expect(input?.dataset).toEqual(dataset);
  });

  test('that are not stored go along as one file, by reference', async () => {
    const file = new Blob(['packed']);
    await client.call('inspect', { recipe, dataset: { kind: 'held', hash: 'abc', file } });
    expect(inspected).toEqual([{ kind: 'held', hash: 'abc', file }]);
  });
});

describe('a training worker that dies', () => {
  const run = 'a-run';
  const pending: Record<string, () => Promise<unknown>> = {
    continue: () => client.call('continue', { run }),
    weights: () => client.call('weights', { run, learner: 'student', from: 'end' }),
    exportBundle: () => client.call('exportBundle', { run, from: 'end' }),
    findTeacher: () => client.call('findTeacher', { file: 'x' }),
    lend: () => client.call('lend', { set: 'abc', teacher: null }),
    inspect: () => client.call('inspect', { recipe, dataset: { kind: 'stored', hash: 'abc' } }),
    importTeacher: () => client.call('importTeacher', { files: [], recipe, dataset: null }),
  };
  test.each(Object.keys(pending))(
    'while “%s” is pending rejects it, and the next call is answered',
    async (name) => {
      const end = pending[name]!().catch((error: unknown) => error);
      workers[0]!.crash();
      expect(await end).toBeInstanceOf(WorkerGone);
      expect(String(await end)).toContain('The training worker stopped');
      expect(await client.call('backend', { forced: null })).toMatchObject({ name: 'cpu' });
      expect(workers).toHaveLength(2);
    },
  );

  test('takes the run with it, which is told once, and only while there is one', async () => {
    await client.call('start', { run, recipe, dataset: null });
    workers[0]!.crash('no memory');
    expect(events).toMatchObject([
      {
        type: 'events',
        run,
        events: [{ type: 'warning', text: 'The training worker stopped (no memory).' }],
      },
      { type: 'state', run, state: 'interrupted' },
    ]);
    const end = client.call('findTeacher', { file: 'x' }).catch(() => 'gone');
    workers[1]!.crash();
    expect(await end).toBe('gone');
    expect(events).toHaveLength(2);
  });

  test('is followed by one that has the backend that was asked for, and teachers that could not be stored', async () => {
    await client.call('backend', { forced: 'wasm' });
    const files = [{ path: 'teacher.safetensors', bytes: new Blob(['abc']) }];
    await client.call('importTeacher', { files, recipe, dataset: null });
    workers[0]!.crash();
    await client.call('inspect', { recipe, dataset: null });
    expect(sentTo(1)).toMatchObject([
      { name: 'backend', input: { forced: 'wasm' } },
      { name: 'restoreTeacher', input: held },
      { name: 'inspect' },
    ]);
  });

  test('is started anew for the next run when the storage was cleared under it', async () => {
    await client.call('start', { run, recipe, dataset: null });
    post({ type: 'storage', run, saved: null, fault: { kind: 'lost', text: 'Cleared.' } });
    await vi.waitFor(() => expect(events).toHaveLength(1));
    await client.call('start', { run: 'another', recipe, dataset: null });
    expect(workers).toHaveLength(2);
    expect(workers[0]!.ended).toBe(true);
  });

  test('has what only it had of the cleared storage passed on: images and teacher', async () => {
    const own = { kind: 'stored', hash: 'abc' } as const;
    await client.call('start', { run, recipe, dataset: own });
    post({ type: 'storage', run, saved: null, fault: { kind: 'lost', text: 'Cleared.' } });
    await vi.waitFor(() => expect(events).toHaveLength(1));
    lent = { set: new Blob(['images']), teacher: held };
    await client.call('start', { run: 'another', recipe, dataset: own });
    expect(sentTo(1)).toMatchObject([
      { name: 'restoreTeacher', input: held },
      {
        name: 'start',
        input: { run: 'another', dataset: { kind: 'held', hash: 'abc', file: lent.set } },
      },
    ]);
  });
});
