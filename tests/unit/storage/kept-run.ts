/** A run that is stored as it goes on, its power cut or its storage failing, and what it must tell all the same. */
import type { Dataset } from '../../../src/data/dataset';
import { packImages } from './pack-images';
import type { RunEvent } from '../../../src/training/events';
import type { TrainingEvent } from '../../../src/worker/training-protocol';
import { expect, vi } from 'vitest';
import { addRun, readEvents, readProgress } from '../../../src/storage/library';
import { RunRecord } from '../../../src/record/run-record';
import { Journal, type Save } from '../../../src/storage/journal';
import { MessageYielder } from '../../../src/worker/yield-to-messages';
import { Checkpointer, type StorageReport } from '../../../src/worker/checkpointer';
import { RunStorage } from '../../../src/worker/run-storage';
import { RunLoop } from '../../../src/worker/run-loop';
import { expectSame } from '../training/same';
import { numbersOf, noAssets, ofType, tinyImages, tinyRecipe } from '../training/tiny';
import { memoryStorage, type MemoryStorage } from './memory-storage';
import { summaryAfter } from './summary-after';

export const run = 'a-run';
export const recipe = tinyRecipe({
  hints: [
    { id: 'kd', weight: 1 },
    { id: 'fitnet', weight: 1 },
  ],
  weighting: {
    id: 'hint-dynamic',
    knobs: {
      metaInterval: 1,
      metaWarmup: 0,
      metaPerClass: 4,
      metaBatch: 8,
      metaHidden: 16,
    },
  },
  material: {
    dataset: 'upload',
    labelsPerClass: 6,
    unlabelled: 40,
    shift: 1,
    flip: true,
  },
  schedule: {
    steps: 8,
    batch: 12,
    evaluateEvery: 3,
    optimiser: 'sgd',
    learningRate: 0.05,
  },
  teacher: {
    kind: 'single',
    knobs: { source: 'train', network: 'cnn-4-8', epochs: 1, batch: 20 },
  },
});

/** Time passes fast, so that nearly every step is saved; and each save is done before the next step. */
export function hurry(): void {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 1700));
  let saving: Promise<unknown> = Promise.resolve();
  const save = Reflect.get(Journal.prototype, 'save');
  vi.spyOn(Journal.prototype, 'save').mockImplementation(function (this: Journal, order: Save) {
    const saved = save.call(this, order);
    saving = saved.catch(() => undefined);
    return saved;
  });
  vi.spyOn(MessageYielder.prototype, 'ifDue').mockImplementation(async () => {
    await new Promise((resolve) => setTimeout(resolve, 3));
    await saving;
  });
}

/** What must be equal. Of views and measured samples, only the newest of each is stored. */
export function comparable(events: readonly RunEvent[]) {
  const views = ofType(events, 'views').flatMap((event) =>
    event.views.map((view) => [`${view.view}/${view.title}`, { step: event.step, view }] as const),
  );
  const numbers = numbersOf(events.filter(({ type }) => type !== 'views'));
  return {
    ...numbers,
    evaluations: numbers.evaluations.map((measured) => ({ ...measured, samples: null, reliability: null })),
    samples: numbers.evaluations.findLast(({ samples }) => samples)?.samples,
    reliability: numbers.evaluations.findLast(({ reliability }) => reliability)?.reliability,
    views: Object.fromEntries(views),
    phases: ofType(events, 'phase'),
  };
}

export interface Carried {
  messages: TrainingEvent[];
  news: StorageReport[];
  pump: RunLoop;
  over: Promise<void>;
}

export function pumped(begin: (pump: RunLoop, keeperNews: (news: StorageReport) => void) => void): Carried {
  const messages: TrainingEvent[] = [];
  const news: StorageReport[] = [];
  let end: () => void;
  const over = new Promise<void>((resolve) => (end = resolve));
  const pump = new RunLoop(run, (message) => {
    messages.push(message);
    if (message.type === 'state' && ['finished', 'stopped', 'failed'].includes(message.state)) end();
  });
  begin(pump, (entry) => news.push(entry));
  return { messages, news, pump, over };
}

export function begun(storage: MemoryStorage, of = recipe): Carried {
  const keeping = new RunStorage(async () => storage);
  return pumped((pump, tell) =>
    pump.start({
      recipe: of,
      dataset: ownSet(keeping),
      help: { fetchAsset: noAssets },
      checkpointer: (set) =>
        new Checkpointer(new RunRecord(run, of), () => keeping.begin(run, 'cpu', set), tell),
    }),
  );
}

/** A set of the user's own that is not stored, as the page sends it. */
export async function ownSet({ sets }: RunStorage): Promise<Dataset> {
  const { hash, parts } = await packImages(tinyImages());
  return sets.open({ kind: 'held', hash, file: new Blob([...parts]) });
}

export async function resumed(storage: MemoryStorage): Promise<Carried> {
  const { state, progress, record, dataset, journal, release } = await new RunStorage(
    async () => storage,
  ).resume(run);
  return pumped((pump, tell) =>
    pump.start({
      recipe: state.recipe,
      dataset: Promise.resolve(dataset!),
      help: { fetchAsset: noAssets },
      from: { checkpoint: state, chunks: progress.chunks },
      checkpointer: () => new Checkpointer(record, () => ({ journal, release }), tell),
    }),
  );
}

export async function toTheEnd({ over, pump }: Carried): Promise<void> {
  await over;
  await pump.dispose();
}

/** A run whose power is cut after so many writes. */
export async function brokenOff(writes: number): Promise<MemoryStorage> {
  const storage = await memoryStorage();
  storage.cutPowerAfter(writes);
  await toTheEnd(begun(storage));
  storage.powerOn();
  return storage;
}

export const stored = async (storage: MemoryStorage) => (await readEvents(storage, run)).events;
export const eventsIn = ({ messages }: Carried): RunEvent[] =>
  messages.flatMap((message) => (message.type === 'events' ? message.events : []));

/** Cuts the power after so many writes, and goes on. @returns null when the run was over by then */
export async function endAfterCut(
  writes: number,
  whole: ReturnType<typeof comparable>,
  of = recipe,
): Promise<'nothing' | 'resumed' | null> {
  const storage = await memoryStorage();
  await addRun(storage, label(of));
  storage.cutPowerAfter(writes);
  await toTheEnd(begun(storage, of));
  const cut = storage.powerOn();
  const before = await readProgress(storage, run);
  if (!cut) return null;
  if (!before?.checkpoints.length) {
    // Nothing was saved yet, or the end was: then there is nothing to go on with, and that is said.
    await expect(resumed(storage)).rejects.toThrow('Nothing had been saved');
    return 'nothing';
  }
  const second = await resumed(storage);
  await toTheEnd(second);
  const after = `after ${writes} writes`;
  expectSame(comparable(await stored(storage)), whole, after);
  const { task, curve, steps, moves, final } = (await readProgress(storage, run))!;
  expect({ task, curve, steps, moves }, after).toEqual(summaryAfter(await stored(storage)));
  expect(curve.steps.length).toBeGreaterThan(2);
  expect(final).toEqual(ofType(await stored(storage), 'finished').at(-1)!.final);
  expect(eventsIn(second).filter(({ type }) => type === 'started')).toEqual([]);
  return 'resumed';
}

function label(of: typeof recipe) {
  return {
    id: run,
    number: 1,
    name: 'Bars',
    note: '',
    notes: '',
    recipe: of,
    createdAt: 0,
    deletedAt: null,
  };
}
