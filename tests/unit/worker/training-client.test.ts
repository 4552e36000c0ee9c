import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Dataset } from '../../../src/data/dataset';
import { defaultRecipe } from '../../../src/distill/recipe';
import { withPart } from '../../../src/worker/dataset-parts';
import { serve, WorkerGone, type CallContext, type Handlers } from '../../../src/worker/rpc';
import { TrainingClient } from '../../../src/worker/training-client';
import type { TrainingEvent, TrainingProtocol } from '../../../src/worker/training-protocol';
import { LinkedWorker } from './linked-worker';

/** Both splits are views of one array, as an import makes them. */
function setOf(images: number, title: string): Dataset {
  const size = 64 * 64 * 3;
  const all = new Uint8Array(images * size);
  for (let i = 0; i < all.length; i++) all[i] = i * 7 + (i >> 9);
  const test = 10;
  const split = (from: number, count: number) => ({
    images: all.subarray(from * size, (from + count) * size),
    labels: Int32Array.from({ length: count }, (_, i) => i % 2),
    count,
  });
  const about = { id: 'upload', title, height: 64, width: 64, channels: 3, classes: ['a', 'b'] };
  return { ...about, train: split(0, images - test), test: split(images - test, test) };
}

interface Message {
  kind: string;
  name?: string;
  input?: { dataset?: Dataset | string | null };
  part?: { type: string; bytes?: Uint8Array };
}

const recipe = defaultRecipe();
let workers: LinkedWorker[];
let events: TrainingEvent[];
let client: TrainingClient;
/** Sets that the worker was to inspect. */
let inspected: (Dataset | string | null)[];
let post: (event: TrainingEvent) => void;

const never = () => new Promise<never>(() => undefined);

beforeEach(() => {
  [workers, events, inspected] = [[], [], []];
  const handlers = {
    backend: ({ forced }: { forced: string | null }) => ({
      name: forced ?? 'cpu',
      device: '',
      reason: '',
      forced: true,
      rejected: [],
    }),
    inspect: ({ dataset }: { dataset: Dataset | string | null }, { gathered }: CallContext<Dataset>) => {
      inspected.push(dataset === 'ahead' ? gathered : dataset);
      return { problem: 'none', knob: null };
    },
    bring: () => ({ teacher: { id: 'a-teacher' }, stored: false }),
    bringBack: () => undefined,
    start: () => undefined,
    ...Object.fromEntries(['continue', 'weights', 'handOver', 'recall'].map((name) => [name, never])),
    // The page’s side looks at no more of the answers.
  } as Partial<Record<keyof Handlers<TrainingProtocol>, unknown>> as Handlers<TrainingProtocol>;
  client = new TrainingClient(
    (event) => events.push(event),
    () => {
      const linked = new LinkedWorker((scope) => {
        post = serve<TrainingProtocol>({ scope, handlers, gather: withPart });
      });
      workers.push(linked);
      return linked.worker;
    },
  );
});

const sentTo = (nth: number) => workers[nth]!.sent as Message[];
/** In order, many images as one. */
const kinds = (nth: number) =>
  sentTo(nth)
    .map(({ kind, name, part }) => part?.type ?? name ?? kind)
    .filter((type, i, all) => type !== 'images' || all[i - 1] !== 'images');

describe('images on their way to the training worker', () => {
  test('arrive whole, in small pieces, ahead of the call; what is asked later waits', async () => {
    const dataset = setOf(1500, 'large');
    const first = client.call('inspect', { recipe, dataset });
    const start = client.call('start', { run: 'a', recipe, dataset });
    client.tell({ type: 'stop', run: 'a' });
    await Promise.all([first, start]);
    expect(kinds(0)).toEqual(['dataset', 'images', 'inspect', 'start', 'command']);
    const pieces = sentTo(0).flatMap(({ part }) => part?.bytes?.length ?? []);
    expect(Math.max(...pieces)).toBeLessThanOrEqual(512 * 1024);
    const { train, test: testing, ...about } = inspected[0] as Dataset;
    const { train: sentTrain, test: sentTest, ...sentAbout } = dataset;
    expect(about).toEqual(sentAbout);
    for (const [found, sent] of [
      [train, sentTrain],
      [testing, sentTest],
    ] as const) {
      expect(Buffer.compare(found.images, sent.images)).toBe(0);
      expect(found.labels).toEqual(sent.labels);
      expect(found.count).toBe(sent.count);
    }
    expect(dataset.train.images.length).toBe(1490 * 64 * 64 * 3);
  });

  test('are sent once, and again after another set or to another worker', async () => {
    const sets = [setOf(1500, 'large'), setOf(20, 'small')];
    const ask = (which: number) => client.call('inspect', { recipe, dataset: sets[which]! });
    await Promise.all([0, 0, 1, 1, 0].map(ask));
    expect(kinds(0)).toEqual([
      ...['dataset', 'images', 'inspect', 'inspect'],
      ...['inspect', 'inspect'],
      ...['dataset', 'images', 'inspect'],
    ]);
    const title = (set: Dataset | string | null) => (typeof set === 'object' ? set?.title : set);
    expect(inspected.map(title)).toEqual(['large', 'known', 'small', 'known', 'large']);
    workers[0]!.crash();
    await ask(0);
    expect(kinds(1)).toEqual(['dataset', 'images', 'inspect']);
  });

  test('go no further once the worker is over', async () => {
    const asked = client.call('inspect', { recipe, dataset: setOf(4000, 'large') }).catch(() => 'over');
    const last = workers[0]!.sent.length;
    client.dispose();
    expect(await asked).toBe('over');
    expect(workers[0]!.sent.length).toBe(last);
    expect(kinds(0)).not.toContain('inspect');
  });
});

describe('a training worker that dies', () => {
  const run = 'a-run';
  const pending: Record<string, () => Promise<unknown>> = {
    continue: () => client.call('continue', { run }),
    weights: () => client.call('weights', { run, learner: 'student', from: 'end' }),
    handOver: () => client.call('handOver', { run, from: 'end' }),
    recall: () => client.call('recall', { file: 'x' }),
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
    const end = client.call('recall', { file: 'x' }).catch(() => 'gone');
    workers[1]!.crash();
    expect(await end).toBe('gone');
    expect(events).toHaveLength(2);
  });

  test('is followed by one that has the backend that was asked for, and teachers that could not be stored', async () => {
    await client.call('backend', { forced: 'wasm' });
    const files = [{ path: 'teacher.safetensors', bytes: new Uint8Array(3) }];
    await client.call('bring', { files, recipe, dataset: null });
    workers[0]!.crash();
    await client.call('inspect', { recipe, dataset: null });
    expect(sentTo(1)).toMatchObject([
      { name: 'backend', input: { forced: 'wasm' } },
      { name: 'bringBack', input: { about: { id: 'a-teacher' }, files } },
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
});
