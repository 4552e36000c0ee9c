import type { RunEvent } from '../../../src/training/events';
import type { Run } from '../../../src/training/run';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readProgress } from '../../../src/storage/library';
import { RunRecord } from '../../../src/record/run-record';
import { Journal } from '../../../src/storage/journal';
import { Checkpointer } from '../../../src/worker/checkpointer';
import { RunStorage } from '../../../src/worker/run-storage';
import { expectSame } from '../training/same';
import { noAssets, ofType } from '../training/tiny';
import { useWasm } from '../../support/wasm-in-node';
import { memoryStorage } from './memory-storage';
import {
  run,
  recipe,
  hurry,
  ownSet,
  comparable,
  pumped,
  begun,
  resumed,
  toTheEnd,
  brokenOff,
  stored,
  eventsIn,
  endAfterCut,
} from './kept-run';

beforeAll(useWasm);
afterEach(() => vi.restoreAllMocks());

let whole: ReturnType<typeof comparable>;
beforeAll(async () => {
  const storage = await memoryStorage();
  const carried = begun(storage);
  await toTheEnd(carried);
  whole = comparable(eventsIn(carried));
  expect(whole.steps.length).toBeGreaterThan(8);
});

describe('a run that is kept', () => {
  it('is stored as it was emitted', async () => {
    hurry();
    const storage = await memoryStorage();
    const carried = begun(storage);
    await toTheEnd(carried);
    expectSame(comparable(await stored(storage)), whole);
    const progress = (await readProgress(storage, run))!;
    expect(progress).toMatchObject({ state: 'finished', checkpoints: [] });
    expect(Object.keys(progress.weights).toSorted()).toEqual(['control', 'student', 'teacher']);
    expect(progress.best!.score).toBeGreaterThan(0);
    expect(carried.news.filter(({ fault }) => fault)).toEqual([]);
    // Two weights files are never more than the run still points to.
    const referred = [progress.best!.path, ...Object.values(progress.weights).map(({ path }) => path)];
    expect((await storage.files.list(`runs/${run}`)).map((name) => `runs/${run}/${name}`).toSorted()).toEqual(
      referred.toSorted(),
    );
  });

  it('keeps its best weights, also when it ends before the next save', async () => {
    const storage = await memoryStorage();
    const carried = begun(storage);
    await toTheEnd(carried);
    const measured = ofType(eventsIn(carried), 'evaluation').filter(({ phase }) => phase === 'student');
    const score = Math.max(...measured.map(({ scores }) => scores['accuracy']!.student!));
    const { step } = measured.find((event) => event.scores['accuracy']!.student === score)!;
    const { best } = (await readProgress(storage, run))!;
    expect(best).toMatchObject({ step, score });
    expect(storage.files.contents.get(best!.path)).toHaveLength(best!.bytes);
  });

  it('takes its best weights when they are measured, also while the storage is still being opened', async () => {
    vi.spyOn(performance, 'now').mockReturnValue(0);
    const storage = await memoryStorage();
    let open!: (journal: Journal) => void;
    const journal = new Promise<Journal>((resolve) => (open = resolve));
    const keeper = new Checkpointer(
      new RunRecord(run, recipe),
      () => ({ journal, release: vi.fn() }),
      vi.fn(),
    );
    const at = { step: 0 };
    const trained = {
      weights: async (learner: string) => (learner === 'student' ? Uint8Array.of(at.step) : null),
    } as unknown as Run;
    for (at.step = 1; at.step <= 3; at.step++) {
      if (at.step === 2) keeper.take([evaluationAt(2)]);
      await keeper.between(trained);
    }
    open(await Journal.begin(storage, run, 'cpu', { kind: 'bundled', id: 'bars' }));
    await keeper.end(trained, 'finished');
    const { best } = (await readProgress(storage, run))!;
    expect(best).toMatchObject({ step: 2, score: 0.5 });
    expect(storage.files.contents.get(best!.path)).toEqual(Uint8Array.of(2));
  });

  it('is stored from its first checkpoint on where that is asked for, and not at all when it ends before', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0);
    const storage = await memoryStorage();
    const begin = vi.fn(() => ({
      journal: Journal.begin(storage, run, 'cpu', { kind: 'bundled', id: 'bars' }),
      release: vi.fn(),
    }));
    const late = () => new Checkpointer(new RunRecord(run, recipe), begin, vi.fn(), { late: true });
    const trained = { weights: async () => null } as unknown as Run;
    const short = late();
    await short.between(trained);
    await short.end(trained, 'finished');
    expect(begin).not.toHaveBeenCalled();

    const longer = late();
    now.mockReturnValue(10_000);
    await longer.between(trained);
    await longer.end(trained, 'finished');
    expect(begin).toHaveBeenCalledOnce();
    expect((await readProgress(storage, run))?.state).toBe('finished');
  });

  it('goes on with the same numbers when the power is cut', async () => {
    hurry();
    // After each of its writes: crash.long.test.ts.
    const ends = [await endAfterCut(4, whole), await endAfterCut(14, whole), await endAfterCut(29, whole)];
    expect(ends).toEqual(['nothing', 'resumed', 'resumed']);
  });

  it('goes on from the state before when the newest is damaged', async () => {
    hurry();
    const storage = await brokenOff(14);
    const { checkpoints } = (await readProgress(storage, run))!;
    expect(checkpoints).toHaveLength(2);
    const spoil = (place: number) => {
      const bytes = storage.files.contents.get(checkpoints[place]!.path)!;
      bytes[bytes.length - 9]! ^= 1;
    };
    spoil(0);
    const second = await resumed(storage);
    await toTheEnd(second);
    expectSame(comparable(await stored(storage)), whole);
  });

  it('whose states are all damaged says so and keeps its curves', async () => {
    hurry();
    const storage = await brokenOff(14);
    for (const { path } of (await readProgress(storage, run))!.checkpoints)
      storage.files.contents.set(path, new Uint8Array(3));
    await expect(resumed(storage)).rejects.toThrow('damaged');
    expect(comparable(await stored(storage)).steps.length).toBeGreaterThan(0);
    // The lock was given back.
    expect((await storage.locks.query()).held).toEqual([]);
  });
});

describe('a storage that fails', () => {
  it('full for a while: training goes on, a sentence is said once, and the log has no gap', async () => {
    hurry();
    const storage = await memoryStorage();
    let refusals = 3;
    storage.files.beforeWrite = () => {
      if (storage.files.contents.size > 2 && refusals-- > 0)
        throw new DOMException('full', 'QuotaExceededError');
    };
    const carried = begun(storage);
    await toTheEnd(carried);
    expect(refusals).toBeLessThan(0);
    expect(carried.news.filter(({ fault }) => fault).map(({ fault }) => fault!.kind)).toEqual(['full']);
    expectSame(comparable(eventsIn(carried)), whole);
    expectSame(comparable(await stored(storage)), whole);
  });

  it('full when the run ends: its end is written once there is room', async () => {
    const storage = await memoryStorage();
    let isFull = true;
    storage.files.beforeWrite = () => {
      if (isFull && storage.files.contents.size > 0) throw new DOMException('full', 'QuotaExceededError');
    };
    const retries: (() => void)[] = [];
    const carried = begun(storage);
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((work: () => void, delay?: number) => {
      if (delay === 10_000) retries.push(work);
      else setImmediate(work);
      return 0;
    }) as typeof setTimeout);
    await toTheEnd(carried);
    expect(carried.news.map(({ fault }) => fault?.kind)).toEqual(['full']);
    expect((await readProgress(storage, run))!.state).toBe('open');
    retries.splice(0).forEach((retry) => retry());
    await vi.waitFor(() => expect(retries).toHaveLength(1), { interval: 1 });
    isFull = false;
    retries.splice(0).forEach((retry) => retry());
    await vi.waitFor(() => expect(carried.news.at(-1)).toEqual({ saved: null, fault: null }), {
      interval: 1,
    });
    expect(await readProgress(storage, run)).toMatchObject({
      state: 'finished',
      checkpoints: [],
    });
    expectSame(comparable(await stored(storage)), whole);
    // It was said once.
    expect(carried.news).toHaveLength(2);
  });

  it.each([
    ['while it is on', 2],
    ['only after its end', Infinity],
  ])('full from its start: the run is saved whole once there is room, %s', async (_, refusals) => {
    hurry();
    const storage = await memoryStorage();
    let left = refusals;
    const put = storage.database.put.bind(storage.database);
    vi.spyOn(storage.database, 'put').mockImplementation((...args: Parameters<typeof put>) => {
      if (args[0] === 'progress' && left-- > 0) throw new DOMException('full', 'QuotaExceededError');
      return put(...args);
    });
    const real = globalThis.setTimeout;
    // Waiting for room takes no time here.
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((work: () => void, delay = 0) =>
      real(work, delay === 10_000 ? 1 : delay)) as typeof setTimeout);
    const carried = begun(storage);
    await toTheEnd(carried);
    if (refusals === Infinity) {
      expect(await readProgress(storage, run)).toBeNull();
      left = 0;
    }
    await vi.waitFor(async () => expect((await readProgress(storage, run))?.state).toBe('finished'));
    expectSame(comparable(await stored(storage)), whole);
    expect(carried.news.filter(({ fault }) => fault).map(({ fault }) => fault!.kind)).toEqual(['full']);
    expect(carried.news.findIndex(({ fault, saved }) => !fault && !saved)).toBeGreaterThan(0);
    await vi.waitFor(async () => expect((await storage.locks.query()).held).toEqual([]));
  });

  it('cleared while the run is on: training goes on in memory', async () => {
    hurry();
    const storage = await memoryStorage();
    const carried = begun(storage);
    await vi.waitFor(() => expect(carried.news.some(({ saved }) => saved)).toBe(true));
    await storage.clear();
    await toTheEnd(carried);
    expect(carried.news.filter(({ fault }) => fault).map(({ fault }) => fault!.kind)).toEqual(['lost']);
    expectSame(comparable(eventsIn(carried)), whole);
    expect((await storage.locks.query()).held).toEqual([]);
  });

  it('cleared just before a run, unheard of so far: the run is stored anew', async () => {
    const cleared = { ...(await memoryStorage()), isLost: () => false };
    cleared.database.close();
    const fresh = await memoryStorage();
    const opened = [cleared, fresh];
    const keeping = new RunStorage(async () => opened.shift()!);
    await keeping.begin(run, 'cpu', await ownSet(keeping)).journal;
    expect(opened).toEqual([]);
    expect(await readProgress(fresh, run)).toMatchObject({ state: 'open' });
  });

  it('denied: training goes on in memory', async () => {
    const keeping = new RunStorage(() => Promise.reject(new DOMException('no', 'SecurityError')));
    const carried = pumped((pump, tell) =>
      pump.start({
        recipe,
        dataset: ownSet(keeping),
        help: { fetchAsset: noAssets },
        checkpointer: (set) =>
          new Checkpointer(new RunRecord(run, recipe), () => keeping.begin(run, 'cpu', set), tell),
      }),
    );
    await toTheEnd(carried);
    expect(carried.news.map(({ fault }) => fault?.kind)).toEqual(['denied']);
    expectSame(comparable(eventsIn(carried)), whole);
  });
});

describe('two tabs', () => {
  it('a run that is on cannot be gone on with elsewhere', async () => {
    hurry();
    const storage = await memoryStorage();
    const carried = begun(storage);
    await vi.waitFor(() => expect(carried.news.some(({ saved }) => saved)).toBe(true));
    await expect(resumed(storage)).rejects.toThrow('another tab');
    await toTheEnd(carried);
    expectSame(comparable(await stored(storage)), whole);
  });

  it('a writer that was thought dead writes nothing once another has gone on', async () => {
    hurry();
    const storage = await memoryStorage();
    const first = begun(storage);
    await vi.waitFor(() => expect(first.news.some(({ saved }) => saved)).toBe(true));
    first.pump.pause();
    storage.locks.breakAll();
    const second = await resumed(storage);
    await toTheEnd(second);
    await first.pump.dispose();
    expect(first.news.at(-1)?.fault?.kind).toBe('lost');
    expectSame(comparable(await stored(storage)), whole);
  });
});

function evaluationAt(step: number): RunEvent {
  return {
    type: 'evaluation',
    phase: 'student',
    step,
    split: 'test',
    images: 4,
    scores: { accuracy: { student: 0.5 } },
    trainScores: {},
    confusion: {},
    loss: {},
  };
}
