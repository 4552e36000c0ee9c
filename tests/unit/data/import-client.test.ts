import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ImportFile, ImportReport } from '../../../src/data/import-report';
import { ImportClient } from '../../../src/worker/import-client';

interface Heard {
  kind: 'part' | 'call' | 'cancel';
  id: number;
  name?: string;
  input?: { files: ImportFile[]; choices: unknown };
  part?: ImportFile[];
}

/** A worker that answers when the test says so. */
class Puppet extends EventTarget {
  readonly heard: Heard[] = [];
  ended = false;
  postMessage(message: Heard): void {
    this.heard.push(message);
  }
  terminate(): void {
    this.ended = true;
  }
  say(data: { kind: string; id: number } & Record<string, unknown>): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
}

let workers: Puppet[];
let client: ImportClient;

beforeEach(() => {
  vi.useFakeTimers();
  workers = [];
  client = new ImportClient(() => {
    const worker = new Puppet();
    workers.push(worker);
    return worker as unknown as Worker;
  });
});
afterEach(() => vi.useRealTimers());

const files = [{ path: 'a.zip', bytes: new Blob(['x']) }];

describe('a cancelled import', () => {
  test('is refused at once, and its worker ends when it obeys', async () => {
    const task = client.importFiles(files, { choices: { seed: 2 }, store: true });
    task.cancel();
    expect((await task.result).report.message).toContain('cancelled');
    expect(workers[0]!.heard).toEqual([
      { kind: 'call', id: 1, name: 'read', input: { files, choices: { seed: 2 }, store: true } },
      { kind: 'cancel', id: 1 },
    ]);
    expect(workers[0]!.ended).toBe(false);
    workers[0]!.say({ kind: 'fault', id: 1, message: 'Cancelled.' });
    expect(workers[0]!.ended).toBe(true);
    vi.advanceTimersByTime(60_000);
    expect(workers).toHaveLength(1);
  });

  test('ends a worker that hangs; the next import gets another one', async () => {
    const task = client.importFiles(files, { store: false });
    task.cancel();
    await task.result;
    // Telling how far it is does not count as obeying.
    workers[0]!.say({ kind: 'progress', id: 1, text: 'Reading', share: null });
    vi.advanceTimersByTime(60_000);
    expect(workers[0]!.ended).toBe(true);
    client.importFiles(files, { store: false });
    expect(workers).toHaveLength(2);
    expect(workers[1]!.heard).toMatchObject([{ kind: 'call', name: 'read' }]);
  });
});

describe('a worker', () => {
  const report = (id: number) => ({
    kind: 'answer',
    id,
    value: { report: refusal, set: null },
  });
  const refusal: ImportReport = {
    outcome: 'refused',
    format: 'zip',
    train: 0,
    test: 0,
    shape: null,
    classes: [],
    trainCounts: [],
    testCounts: [],
    warnings: [],
    skipped: [],
    skippedCount: 0,
    message: 'No.',
    guesses: [],
  };

  test('ends when nothing is under way, so that what it took is given back', async () => {
    const first = client.importFiles(files, { store: false });
    const second = client.importFiles(files, { store: false });
    workers[0]!.say(report(1));
    expect((await first.result).report.message).toBe('No.');
    expect(workers[0]!.ended).toBe(false);
    workers[0]!.say(report(2));
    expect((await second.result).report.message).toBe('No.');
    expect(workers[0]!.ended).toBe(true);
    client.importFiles(files, { store: false });
    expect(workers).toHaveLength(2);
  });
});

describe('an import of many files', () => {
  const many = Array.from({ length: 120 }, (_, i) => ({ path: `${i}.png`, bytes: new Blob(['x']) }));
  const paths = (worker: Puppet) =>
    worker.heard.flatMap(({ part, input }) => (part ?? input?.files ?? []).map(({ path }) => path));

  test('is sent piece by piece, the choices with the last one', async () => {
    const task = client.importFiles(many, { choices: { seed: 2 }, store: true });
    await vi.waitFor(() =>
      expect(workers[0]!.heard.at(-1)).toMatchObject({ kind: 'call', input: { choices: { seed: 2 } } }),
    );
    expect(workers[0]!.heard.length).toBeGreaterThan(2);
    expect(paths(workers[0]!)).toEqual(many.map(({ path }) => path));
    task.cancel();
  });

  test('stops being sent when it is cancelled, or its worker is gone', async () => {
    const task = client.importFiles(many, { store: false });
    task.cancel();
    await task.result;
    const lost = client.importFiles(many, { store: false });
    workers[0]!.dispatchEvent(new Event('error'));
    await lost.result;
    await vi.advanceTimersByTimeAsync(1);
    expect(workers).toHaveLength(1);
    expect(workers[0]!.heard.map(({ kind }) => kind)).toEqual(['part', 'cancel', 'part']);
  });
});

describe('what is done with a set', () => {
  const set = { kind: 'stored', hash: 'abc' } as const;
  const edit = { classes: ['a', 'b'], labels: Int32Array.of(0, 1, -1) };

  test('is asked for by its digest, and answered with a zip or a changed set', async () => {
    const packing = client.exportSet(set, edit);
    const zip = new Blob(['zip']);
    workers[0]!.say({ kind: 'answer', id: 1, value: zip });
    expect(await packing.result).toBe(zip);
    const changing = client.changeSet(set, edit, true);
    workers[1]!.say({ kind: 'answer', id: 2, value: 'a set' });
    expect(await changing.result).toBe('a set');
    expect(workers.flatMap(({ heard }) => heard)).toEqual([
      { kind: 'call', id: 1, name: 'pack', input: { set, edit } },
      { kind: 'call', id: 2, name: 'change', input: { set, edit, store: true } },
    ]);
  });

  test.each([
    ['packing', () => client.exportSet(set, null), 'Packing the images stopped'],
    ['changing', () => client.changeSet(set, edit, true), 'Your changes are kept'],
  ])(
    'is nothing when %s is cancelled, and rejected with a sentence when its worker dies',
    async (_, ask, said) => {
      const cancelled = ask();
      cancelled.cancel();
      expect(await cancelled.result).toBeNull();
      const task = ask();
      workers.at(-1)!.dispatchEvent(new Event('error'));
      await expect(task.result).rejects.toThrow(said);
      const refused = ask();
      workers.at(-1)!.say({ kind: 'fault', id: 3, message: 'These images are no longer stored.' });
      await expect(refused.result).rejects.toThrow('no longer stored');
    },
  );
});

describe('a bundled set', () => {
  test('that is being read when the worker dies is refused, and the next one is read by another worker', async () => {
    const first = client.bundled('digits-8x8');
    workers[0]!.dispatchEvent(new Event('messageerror'));
    await expect(first).rejects.toThrow('Reading the files stopped');
    const second = client.bundled('digits-8x8');
    workers[1]!.say({ kind: 'answer', id: 2, value: 'a set' });
    expect(await second).toBe('a set');
  });
});
