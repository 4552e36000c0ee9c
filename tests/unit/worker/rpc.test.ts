import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RpcClient, serve, WorkerGone, type CallContext, type ClientOptions } from '../../../src/worker/rpc';
import { LinkedWorker } from './linked-worker';

type Work = {
  calls: {
    double: { takes: number; gives: number };
    hang: { takes: null; gives: string };
    sum: { takes: null; gives: number };
    buffer: { takes: Uint8Array<ArrayBuffer>; gives: Uint8Array<ArrayBuffer> };
    refuse: { takes: null; gives: never };
  };
  part: number;
  gathered: number[];
  command: string;
  event: string;
};

let workers: LinkedWorker[];
let hanging: { context: CallContext; answer: (text: string) => void }[];
let told: string[];
let commands: string[];
let tell: (event: string) => void;
let moved: ArrayBuffer | null;

beforeEach(() => {
  [workers, hanging, told, commands, moved] = [[], [], [], [], null];
});
afterEach(() => vi.useRealTimers());

function client(options: Partial<ClientOptions<Work>> = {}): RpcClient<Work> {
  return new RpcClient<Work>({
    create: () => {
      const linked = new LinkedWorker((scope) => {
        tell = serve<Work>({
          scope,
          gather: (before, part) => [...(before ?? []), part],
          command: (command) => commands.push(command),
          handlers: {
            double: (value) => 2 * value,
            hang: (_, context) =>
              new Promise((answer, reject) => {
                hanging.push({ context, answer });
                context.signal.addEventListener('abort', () => reject(new Error('ended')));
              }),
            sum: (_, { gathered }) => (gathered ?? []).reduce((sum, value) => sum + value, 0),
            buffer: (bytes, { transfer }) => {
              moved = bytes.buffer;
              transfer(bytes.buffer);
              return bytes;
            },
            refuse: () => {
              throw new Error('This cannot be done.');
            },
          },
        });
      });
      workers.push(linked);
      return linked.worker;
    },
    crashSentence: (why) => `It stopped (${why}).`,
    onEvent: (event) => told.push(event),
    ...options,
  });
}

/** A call that the worker has begun and will not answer. */
async function pendingCall(of: RpcClient<Work>): Promise<{ end: Promise<unknown> }> {
  const before = hanging.length;
  const end = of.call('hang', null).catch((error: unknown) => error);
  await vi.waitFor(() => expect(hanging.length).toBe(before + 1));
  return { end };
}

describe('calls', () => {
  test('are answered each by its own answer, whatever the order', async () => {
    const page = client();
    const [slow, quick] = [page.call('hang', null), page.call('double', 21)];
    expect(await quick).toBe(42);
    hanging[0]!.answer('late');
    expect(await slow).toBe('late');
    expect(workers).toHaveLength(1);
  });

  test('reject with the sentence of the worker, which goes on', async () => {
    const page = client();
    await expect(page.call('refuse', null)).rejects.toThrow('This cannot be done.');
    expect(await page.call('double', 1)).toBe(2);
  });

  test('tell their progress: a change of text always, the same text not too often', async () => {
    const page = client();
    const progress: [string, number | null][] = [];
    const end = page.call('hang', null, { onProgress: (...entry) => progress.push(entry) });
    await vi.waitFor(() => expect(hanging).toHaveLength(1));
    vi.spyOn(performance, 'now').mockReturnValue(1000);
    const [{ context, answer }] = hanging as [(typeof hanging)[0]];
    context.progress('Reading', 0.1);
    context.progress('Reading', 0.2);
    context.progress('Writing', null);
    answer('done');
    await end;
    vi.restoreAllMocks();
    expect(progress).toEqual([
      ['Reading', 0.1],
      ['Writing', null],
    ]);
  });

  test('move buffers both ways', async () => {
    const bytes = new Uint8Array(8).fill(7);
    const answered = await client().call('buffer', bytes, { transfer: [bytes.buffer] });
    expect(bytes.buffer.byteLength).toBe(0);
    expect(moved!.byteLength).toBe(0);
    expect(answered).toEqual(new Uint8Array(8).fill(7));
  });

  test('have their parts sent ahead, and what is called later waits for them', async () => {
    const page = client();
    const many = Array.from({ length: 50 }, (_, i) => ({ part: i }));
    const [sum, later] = [page.call('sum', null, { parts: many }), page.call('double', 2)];
    expect(await later).toBe(4);
    expect(await sum).toBe(1225);
    expect(await page.call('sum', null)).toBe(0);
  });

  test('that cannot be copied reject and hold nothing up', async () => {
    const page = client();
    await expect(page.call('double', (() => 1) as unknown as number)).rejects.toThrow('could not be cloned');
    expect(await page.call('double', 2)).toBe(4);
  });
});

describe('a cancelled call', () => {
  test('rejects at once with the reason, and its work is ended', async () => {
    const page = client({ endsWhenIdle: true });
    const abort = new AbortController();
    const end = page.call('hang', null, { signal: abort.signal });
    await vi.waitFor(() => expect(hanging).toHaveLength(1));
    abort.abort(new Error('Not wanted.'));
    await expect(end).rejects.toThrow('Not wanted.');
    expect(hanging[0]!.context.signal.aborted).toBe(true);
    await vi.waitFor(() => expect(workers[0]!.ended).toBe(true));
  });

  test('takes no other along where its worker hangs and keeps nothing between calls', async () => {
    vi.useFakeTimers();
    const page = client({ endsWhenIdle: true });
    const abort = new AbortController();
    const end = page.call('hang', null, { signal: abort.signal }).catch(() => 'cancelled');
    // It no longer hears anything.
    workers[0]!.worker.postMessage = () => undefined;
    abort.abort();
    const later = page.call('sum', null, { parts: [1, 2, 3].map((part) => ({ part })) });
    await vi.runAllTimersAsync();
    expect([await end, await later]).toEqual(['cancelled', 6]);
    expect(workers.map(({ ended }) => ended)).toEqual([true, true]);
  });

  test('whose worker hangs ends it; the others are told', async () => {
    vi.useFakeTimers();
    const page = client();
    const abort = new AbortController();
    const end = page.call('hang', null, { signal: abort.signal }).catch(() => 'cancelled');
    const other = page.call('hang', null).catch((error: unknown) => String(error));
    // It no longer hears anything.
    workers[0]!.worker.postMessage = () => undefined;
    abort.abort();
    expect(await end).toBe('cancelled');
    await vi.runAllTimersAsync();
    expect(await other).toContain('did not end what was cancelled');
    expect(workers[0]!.ended).toBe(true);
  });
});

describe('a worker that dies', () => {
  test.each([
    ['by an error', (linked: LinkedWorker) => linked.crash()],
    ['by a message that cannot be read', (linked: LinkedWorker) => linked.garble()],
  ])('%s rejects all that is pending, and the next call finds another worker', async (_, die) => {
    const crashes: string[] = [];
    const page = client({ onCrash: (sentence) => crashes.push(sentence) });
    const pending = [await pendingCall(page), await pendingCall(page)];
    die(workers[0]!);
    for (const { end } of pending) expect(await end).toBeInstanceOf(WorkerGone);
    expect(crashes).toHaveLength(1);
    expect(workers[0]!.ended).toBe(true);
    expect(await page.call('double', 3)).toBe(6);
    expect(workers).toHaveLength(2);
  });

  test('while parts are on their way takes the call with it, and what waits behind', async () => {
    const page = client();
    function* endless(): Generator<{ part: number }> {
      for (let part = 0; ; part += 1) yield { part };
    }
    const calls = [page.call('sum', null, { parts: endless() }), page.call('double', 1)];
    const ends = calls.map((call) => call.catch((error: unknown) => error));
    workers[0]!.crash();
    for (const end of await Promise.all(ends)) expect(end).toBeInstanceOf(WorkerGone);
  });

  test('has its last words ignored, and its successor is given the state before anything else', async () => {
    const page = client({ restore: () => void page.call('double', 100).catch(() => undefined) });
    const { end } = await pendingCall(page);
    const tellOfTheDead = tell;
    workers[0]!.crash();
    await end;
    tellOfTheDead('late');
    expect(await page.call('double', 1)).toBe(2);
    expect(told).toEqual([]);
    expect(workers[1]!.sent).toMatchObject([{ input: 100 }, { input: 1 }]);
  });

  test('that the page ends rejects what is pending, without being called a crash', async () => {
    const onCrash = vi.fn();
    const page = client({ onCrash });
    const { end } = await pendingCall(page);
    page.dispose();
    expect(String(await end)).toContain('closing');
    expect(onCrash).not.toHaveBeenCalled();
  });
});

test('commands and events need no answer; a command makes no worker', async () => {
  const page = client();
  page.tell('nobody');
  expect(workers).toHaveLength(0);
  await page.call('double', 1);
  page.tell('go');
  await vi.waitFor(() => expect(commands).toEqual(['go']));
  tell('gone');
  await vi.waitFor(() => expect(told).toEqual(['gone']));
});

test('a worker that cannot read a message fails loudly, so that no call waits for ever', () => {
  const ears = new Map<string, () => void>();
  serve<Work>({
    handlers: {} as never,
    scope: {
      postMessage: vi.fn(),
      addEventListener: (type, listener) => ears.set(type, listener as () => void),
    },
  });
  expect(() => ears.get('messageerror')!()).toThrow('could not be read');
});
