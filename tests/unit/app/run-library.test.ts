import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Ports } from '../../../src/app/ports';
import { createSession, statesOf, type Session } from './open-session';
import { StorageFault } from '../../../src/storage/faults';
import { Journal, snapshotOf } from '../../../src/storage/journal';
import { relabel } from '../../../src/storage/library';
import { holdRun } from '../../../src/storage/locks';
import type { News } from '../../../src/storage/storage';
import type { TrainingEvent } from '../../../src/worker/training-protocol';
import { memoryStorage, type MemoryStorage } from '../storage/memory-storage';
import { summaryAfter } from '../storage/summary-after';

let storage: MemoryStorage;
let ports: Ports;
let session: Session;
let say: (message: TrainingEvent) => void;
let hearOthers: (news: News) => void;

const state = () => statesOf(session);
const only = () => state().library.runs[0]!;

beforeEach(async () => {
  vi.stubGlobal('window', { setTimeout: () => 0, clearTimeout: () => undefined });
  storage = await memoryStorage();
  const heard = {
    ...storage,
    hear: (listener: typeof hearOthers) => {
      hearOthers = listener;
      return () => undefined;
    },
  };
  ports = {
    training: (listener) => {
      say = listener;
      return { call: () => new Promise(() => undefined), tell: () => undefined, dispose: () => undefined };
    },
    storage: () => Promise.resolve(heard),
    // What else the page can do is not asked for here.
  } as Partial<Ports> as Ports;
  session = createSession(ports);
  await state().runs.openStorage();
});
afterEach(() => vi.unstubAllGlobals());

/** A run that is on, and what its worker writes. */
async function started(): Promise<{ id: string; journal: Journal }> {
  state().runs.start();
  const { id } = only();
  await holdRun(storage.locks, id);
  await vi.waitFor(() => expect(only().stored).toBe(true));
  const journal = await Journal.begin(storage, id, 'cpu', { kind: 'bundled', id: 'digits-8x8' });
  say({ type: 'state', run: id, state: 'running' });
  return { id, journal };
}

describe('a run that is on', () => {
  test('has the name and the notes that another tab gave it', async () => {
    const { id } = await started();
    await relabel(storage, id, { name: 'Named elsewhere', notes: 'Why not.' });
    hearOthers({ type: 'shelf' });
    await vi.waitFor(() => expect(only().name).toBe('Named elsewhere'));
    expect(only()).toMatchObject({ id, notes: 'Why not.', state: 'running', elsewhere: false });
  });

  test('whose end finds no room keeps its result on the page, and is stored once there is room', async () => {
    const { id, journal } = await started();
    await journal.save({
      events: [],
      summary: summaryAfter([]),
      state: snapshotOf({}, 'student', 3),
      best: null,
      keep: false,
    });
    say({ type: 'storage', run: id, saved: null, fault: { kind: 'full', text: 'No more room.' } });
    const [finished] = [{ type: 'finished', step: 9, stopped: false, final: { student: 0.9 } }] as const;
    say({ type: 'events', run: id, events: [{ ...finished, perClass: {}, seconds: 1 }] });
    say({ type: 'state', run: id, state: 'finished' });
    await vi.waitFor(() => expect(only().kept).toEqual([]));
    await state().library.reread(id);
    expect(only()).toMatchObject({ state: 'finished', final: { student: 0.9 } });
    expect(state().view.notices).toMatchObject([{ title: 'Run 1 is not being saved' }]);

    const weights = { student: { safetensors: new Uint8Array(8), step: 9, score: null } };
    await journal.end({
      state: 'finished',
      events: [],
      summary: summaryAfter([]),
      final: { student: 0.9 },
      weights,
      best: null,
    });
    say({ type: 'storage', run: id, saved: null, fault: null });
    await vi.waitFor(() => expect(only().weights.ends).toEqual(['student']));
    expect(only()).toMatchObject({ state: 'finished', final: { student: 0.9 }, saved: null });
    expect(state().view.notices).toEqual([]);
  });
});

test('a run that is begun while the storage is being opened is kept', async () => {
  let open: (there: MemoryStorage) => void = () => undefined;
  const asked = vi.fn(() => new Promise<never>(() => undefined));
  const early = createSession({
    ...ports,
    training: () => ({ call: asked, tell: () => undefined, dispose: () => undefined }),
    storage: () => new Promise((resolve) => (open = resolve)),
  } as Ports);
  const opening = early.runs.getState().openStorage();
  early.runs.getState().start();
  expect(asked).toHaveBeenCalledWith('start', expect.objectContaining({ keep: true }));
  open(storage);
  await opening;
  const [run] = early.library.getState().runs;
  expect(run).toMatchObject({ stored: true, state: 'preparing' });
  expect((await storage.database.getAll('runs')).map(({ id }) => id)).toContain(run!.id);
});

describe('a run that was begun while the storage was full', () => {
  test('is put on the shelf once there is room, by one sentence that goes away', async () => {
    const refuse = vi.spyOn(storage.database, 'transaction').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    state().runs.start();
    const { id } = only();
    say({ type: 'storage', run: id, saved: null, fault: { kind: 'full', text: 'No more room.' } });
    await vi.waitFor(() => expect(refuse).toHaveBeenCalled());
    expect(only().stored).toBe(false);
    expect(state().view.notices).toMatchObject([{ title: 'Run 1 is not being saved' }]);
    refuse.mockRestore();
    say({ type: 'storage', run: id, saved: null, fault: null });
    await vi.waitFor(() => expect(only().stored).toBe(true));
    expect(await storage.database.get('runs', id)).toMatchObject({ number: 1, deletedAt: null });
    expect(state().view.notices).toEqual([]);
    expect(state().view.announcement).toBe('The run is being saved again.');
  });
});

describe('what was said of a run that broke off', () => {
  const savedStep = (journal: Journal) =>
    journal.save({
      events: [],
      summary: summaryAfter([]),
      state: snapshotOf({}, 'student', 3),
      best: null,
      keep: false,
    });

  /** Another page that finds the run broken off, and cannot go on with it. */
  async function otherPage() {
    const { id, journal } = await started();
    await savedStep(journal);
    storage.locks.breakAll();
    let refuse: (why: Error) => void = () => undefined;
    const call = () => new Promise((_, reject) => (refuse = reject));
    const next = createSession({
      ...ports,
      training: () => ({ call, tell: () => undefined, dispose: () => undefined }),
    } as Ports);
    const page = () => statesOf(next);
    await page().runs.openStorage();
    const titles = () => page().view.notices.map(({ title }) => title);
    expect(titles()).toEqual(['Run 1 was interrupted']);
    return { id, page, titles, refuse: () => refuse(new Error('It is going on in another tab.')) };
  }

  test('goes when the run goes on here', async () => {
    const { id, page, titles, refuse } = await otherPage();
    page().runs.continueRun(id);
    refuse();
    await vi.waitFor(() => expect(titles()).toEqual(['Run 1 cannot go on']));
    page().runs.continueRun(id);
    expect(titles()).toEqual([]);
  });

  test('goes when the run goes on in another tab', async () => {
    const { id, page, titles, refuse } = await otherPage();
    page().runs.continueRun(id);
    refuse();
    await vi.waitFor(() => expect(titles()).toEqual(['Run 1 cannot go on']));
    await holdRun(storage.locks, id);
    hearOthers({ type: 'progress', run: id });
    await vi.waitFor(() => expect(titles()).toEqual([]));
    expect(page().library.runs).toMatchObject([{ elsewhere: true, state: 'running' }]);
  });
});

test('where nothing can be kept the page says why', async () => {
  const why = 'This browser keeps nothing on Mondays.';
  const page = createSession({
    ...ports,
    storage: () => Promise.reject(new StorageFault('denied', why)),
  });
  await page.runs.getState().openStorage();
  expect(page.library.getState()).toMatchObject({ keeping: false, notKept: why });
});

describe('a run that was killed before its first save', () => {
  test('begins again with one click, with its recipe, in place of the one that broke off', async () => {
    state().recipe.rename('Cut short');
    const { id } = await started();
    storage.locks.breakAll();
    const next = createSession(ports);
    const page = () => statesOf(next);
    await page().runs.openStorage();
    expect(page().library.runs).toMatchObject([{ id, state: 'interrupted', saved: null }]);
    const [notice] = page().view.notices;
    expect(notice).toMatchObject({ title: 'Run 1 was interrupted', action: { label: 'Begin again' } });
    notice!.action!.act();
    await vi.waitFor(() => expect(page().library.active).not.toBeNull());
    await vi.waitFor(() =>
      expect(page().library.runs).toMatchObject([{ name: 'Cut short', state: 'preparing' }]),
    );
    expect(page().library.runs[0]!.id).not.toBe(id);
    expect(page().recipe.recipe.title).toBe('Cut short');
  });
});

describe('a run that was deleted', () => {
  test('can be taken back after the page was reloaded', async () => {
    const { id, journal } = await started();
    await journal.end({
      state: 'finished',
      events: [],
      summary: summaryAfter([]),
      final: { student: 0.9 },
      weights: {},
      best: null,
    });
    say({ type: 'state', run: id, state: 'finished' });
    state().library.discard(id);
    await vi.waitFor(async () => expect((await storage.database.get('runs', id))!.deletedAt).not.toBeNull());
    storage.locks.breakAll();

    const next = createSession(ports);
    await next.runs.getState().openStorage();
    expect(next.library.getState().runs).toEqual([]);
    const [notice] = next.view.getState().notices;
    expect(notice).toMatchObject({ title: 'Run 1 was deleted', action: { label: 'Undo' } });
    notice!.action!.act();
    await vi.waitFor(() => expect(next.library.getState().runs).toHaveLength(1));
    expect(next.library.getState().runs[0]).toMatchObject({ id, state: 'finished', final: { student: 0.9 } });
    expect((await storage.database.get('runs', id))!.deletedAt).toBeNull();
  });
});
