/**
 * Stores one run while it is carried out: its events, and states from which it can be resumed. A save writes files
 * first, under new names, and then commits one transaction that refers to them and appends to the log. So after an
 * interruption the previous save is whole, and the log ends where its state does.
 */
import { defaultRecipe } from '../distill/recipe';
import { RunRecord } from '../record/run-record';
import { emptyCurve, summaryOf, type RunSummary } from '../record/summary';
import type { Learner, Phase, RunEvent } from '../training/events';
import { digestOf } from './digest';
import { entriesOf, eventsOf, sizeOf } from './event-log';
import { lostFault, StorageFault } from './faults';
import { makingRoom } from './kept-teachers';
import { pack, unpack } from './pack';
import { soundProgress } from './stored-rows';
import { soundEntries } from './run-contents';
import type {
  Checkpoint,
  DatasetRef,
  RunId,
  RunProgress,
  StoredFile,
  StoredState,
  StoredWeights,
} from './schema';
import type { Storage } from './storage';

/** The newest, and the previous one in case the newest cannot be read. */
const checkpointsKept = 2;

export interface Snapshot {
  /** From `pack`. */
  bytes: Uint8Array<ArrayBuffer>;
  phase: Phase;
  step: number;
}

/** Weights of one network, measured at a step. */
export interface WeightsAt {
  safetensors: Uint8Array<ArrayBuffer>;
  step: number;
  /** The task's first score, or null when they are not kept for it */
  score: number | null;
}

/** The contents of one save. */
export interface Save {
  events: readonly RunEvent[];
  /** Summary of all events so far, including these. */
  summary: RunSummary;
  state: Snapshot | null;
  best: WeightsAt | null;
  /** The state is kept permanently. */
  keep: boolean;
}

/** How a run ended. */
export interface End {
  state: StoredState;
  events: readonly RunEvent[];
  summary: RunSummary;
  final: Partial<Record<Learner, number>> | null;
  weights: Partial<Record<Learner, WeightsAt>>;
  /** Best weights since the last save. */
  best: WeightsAt | null;
}

export class Journal {
  private files = 0;

  private constructor(
    private readonly storage: Storage,
    private progress: RunProgress,
  ) {}

  /**
   * Begins storing a new run. The caller holds its lock.
   * @throws DOMException, StorageFault
   */
  static async begin(storage: Storage, run: RunId, backend: string, dataset: DatasetRef): Promise<Journal> {
    const progress: RunProgress = {
      run,
      writer: crypto.randomUUID(),
      state: 'open',
      phase: 'teacher',
      step: 0,
      steps: 0,
      backend,
      moves: [],
      dataset,
      final: null,
      curve: emptyCurve(),
      chunks: 0,
      logBytes: 0,
      checkpoints: [],
      kept: [],
      best: null,
      weights: {},
      savedAt: Date.now(),
    };
    // A run that could not go on begins again under its id.
    await storage.database.delete('log', IDBKeyRange.bound([run, 0], [run, Infinity]));
    await storage.database.put('progress', progress);
    storage.tell({ type: 'progress', run });
    return new Journal(storage, progress);
  }

  /**
   * Resumes storing a run: reads the newest state that is whole and discards everything written after it. The caller
   * holds its lock.
   * @param kept path of a kept state to go back to, instead of the newest
   * @returns the state as it was saved, the progress of the run, and the record of its events up to then
   * @throws StorageFault with a sentence when there is no state to resume from
   */
  static async reopen(
    storage: Storage,
    run: RunId,
    kept?: string,
  ): Promise<{ journal: Journal; state: unknown; progress: RunProgress; record: RunRecord }> {
    const row = await storage.database.get('progress', run);
    const stored = row && soundProgress(row);
    const before = stored && kept !== undefined ? await backTo(storage, stored, kept) : stored;
    if (!before || before.checkpoints.length === 0)
      throw new StorageFault('lost', 'Nothing had been saved of this run when it broke off.');
    let place = 0;
    let state: unknown;
    for (; place < before.checkpoints.length; place++) {
      try {
        state = unpack(await readWhole(storage, before.checkpoints[place]!));
        break;
      } catch (error) {
        if (error instanceof StorageFault && error.kind === 'newer') throw error;
      }
    }
    if (place === before.checkpoints.length)
      throw new StorageFault(
        'damaged',
        'The saved states of this run are damaged, so it cannot go on. Its curves are kept.',
      );
    const from = before.checkpoints[place]!;
    const { progress, record } = await cutBack(storage, before, from, place);
    const journal = new Journal(storage, progress);
    await journal.removeFiles(
      [
        ...before.checkpoints.slice(0, place),
        ...(before === stored ? [] : (stored?.checkpoints ?? [])),
        ...Object.values(before.weights),
        before.best,
      ].filter((file): file is Checkpoint | StoredWeights => file !== null && file !== progress.best),
    );
    return { journal, state, progress, record };
  }

  /** @throws DOMException, StorageFault: nothing of this save is stored then, and the previous one is unchanged */
  save(save: Save): Promise<void> {
    const ofState = (save.keep ? 2 : 1) * (save.state?.bytes.length ?? 0);
    return makingRoom(this.storage, ofState + sizeOfWeights([save.best]), () => this.trySave(save));
  }

  /** @throws DOMException, StorageFault */
  end(end: End): Promise<void> {
    const bytes = sizeOfWeights([end.best, ...Object.values(end.weights)]);
    return makingRoom(this.storage, bytes, () => this.tryEnd(end));
  }

  private async trySave({ events, summary, state, best, keep }: Save): Promise<void> {
    const old = this.progress;
    const next = this.progressAfter(events, summary);
    const written: StoredFile[] = [];
    const dropped: StoredFile[] = [];
    try {
      if (state) {
        const { bytes, phase, step } = state;
        const file = await this.write([bytes]);
        written.push(file);
        const checkpoint: Checkpoint = { ...file, phase, step, at: Date.now(), chunks: next.chunks };
        const all = [checkpoint, ...old.checkpoints];
        next.checkpoints = all.slice(0, checkpointsKept);
        if (keep) {
          const copy = await this.write([bytes]);
          written.push(copy);
          next.kept = [...old.kept, { ...checkpoint, ...copy }];
        }
        dropped.push(...all.slice(checkpointsKept));
        Object.assign(next, { phase, step });
      }
      if (best) {
        next.best = await this.writeWeights(best);
        written.push(next.best);
        if (old.best) dropped.push(old.best);
      }
      await this.commit(next, events);
    } catch (error) {
      await this.removeFiles(written);
      throw error;
    }
    await this.removeFiles(dropped);
  }

  private async tryEnd({ state, events, summary, final, weights, best }: End): Promise<void> {
    const old = this.progress;
    const next = { ...this.progressAfter(events, summary), state, final };
    const written: StoredFile[] = [];
    try {
      next.weights = {};
      for (const [learner, at] of Object.entries(weights)) {
        const file = await this.writeWeights(at);
        written.push(file);
        next.weights[learner as Learner] = file;
      }
      if (best) {
        next.best = await this.writeWeights(best);
        written.push(next.best);
      }
      // A finished run cannot be resumed; one that was stopped or failed can.
      if (state === 'finished') next.checkpoints = [];
      await this.commit(next, events);
    } catch (error) {
      await this.removeFiles(written);
      throw error;
    }
    await this.removeFiles(old.checkpoints.filter((file) => !next.checkpoints.includes(file)));
    if (best && old.best) await this.removeFiles([old.best]);
  }

  private progressAfter(events: readonly RunEvent[], summary: RunSummary): RunProgress {
    const chunks = this.progress.chunks + (events.length > 0 ? 1 : 0);
    return { ...this.progress, ...summary, chunks, savedAt: Date.now() };
  }

  private async commit(next: RunProgress, events: readonly RunEvent[]): Promise<void> {
    const { database } = this.storage;
    if (this.storage.isLost()) throw lostFault();
    const entries = entriesOf(events);
    next.logBytes += sizeOf(entries);
    const change = database.transaction(['progress', 'log'], 'readwrite', { durability: 'strict' });
    const present = await change.objectStore('progress').get(next.run);
    // The storage was cleared, or another worker has taken over this run: writing now would mix two runs.
    if (present?.writer !== next.writer) throw lostFault();
    await change.objectStore('progress').put(next);
    if (events.length > 0)
      await change.objectStore('log').put({ run: next.run, place: this.progress.chunks, entries });
    await change.done;
    this.progress = next;
    this.storage.tell({ type: 'progress', run: next.run });
  }

  private async write(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<StoredFile> {
    const { run, writer } = this.progress;
    const path = `runs/${run}/${writer.slice(0, 8)}-${++this.files}`;
    const digest = await digestOf(parts);
    try {
      await this.storage.files.write(path, parts);
    } catch (error) {
      await this.removeFiles([{ path }]);
      throw error;
    }
    return { path, digest, bytes: parts.reduce((sum, { length }) => sum + length, 0) };
  }

  private async writeWeights({ safetensors, step, score }: WeightsAt): Promise<StoredWeights> {
    return { ...(await this.write([safetensors])), step, score };
  }

  /** A file that stays behind only takes up space; it is removed with its run. */
  private async removeFiles(files: readonly { path: string }[]): Promise<void> {
    for (const { path } of files) await this.storage.files.remove(path).catch(() => undefined);
  }
}

/** @throws StorageFault `damaged`, DOMException */
export async function readWhole({ files }: Storage, file: StoredFile): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await files.read(file.path);
  if (bytes.length !== file.bytes || (await digestOf([bytes])) !== file.digest)
    throw new StorageFault('damaged', 'A stored file is damaged.');
  return bytes;
}

/** At least 1, because the log takes room too. */
function sizeOfWeights(all: readonly (WeightsAt | null)[]): number {
  return all.reduce((sum, at) => sum + (at?.safetensors.length ?? 0), 1);
}

/** Packs a copy of the state, because training continues while it is written. */
export function snapshotOf(state: unknown, phase: Phase, step: number): Snapshot {
  return { bytes: pack(state), phase, step };
}

/** The progress as if a kept state were the newest; the kept one stays. @throws StorageFault, DOMException */
async function backTo(storage: Storage, stored: RunProgress, kept: string): Promise<RunProgress> {
  const state = stored.kept.find(({ path }) => path === kept);
  if (!state) throw new StorageFault('lost', 'This state is no longer stored.');
  const path = `runs/${stored.run}/${crypto.randomUUID().slice(0, 8)}`;
  const bytes = await readWhole(storage, state);
  await makingRoom(storage, bytes.length, () => storage.files.write(path, [bytes]));
  return { ...stored, checkpoints: [{ ...state, path }] };
}

/** The progress at a checkpoint, under a new writer; the log is cut there in the same transaction. */
async function cutBack(
  { database, tell }: Storage,
  before: RunProgress,
  from: Checkpoint,
  place: number,
): Promise<{ progress: RunProgress; record: RunRecord }> {
  const { run } = before;
  const change = database.transaction(['progress', 'log'], 'readwrite', { durability: 'strict' });
  const log = change.objectStore('log');
  await log.delete(IDBKeyRange.bound([run, from.chunks], [run, Infinity]));
  const rest = await log.getAll(IDBKeyRange.bound([run, 0], [run, Infinity]));
  const entries = soundEntries(rest.flatMap((chunk) => chunk.entries));
  const started = entries.find((entry) => entry.type === 'started');
  // A log without its start is damaged; the recipe then comes from the state.
  const record = new RunRecord(run, started?.recipe ?? defaultRecipe());
  record.take(eventsOf(entries));
  const progress: RunProgress = {
    ...before,
    writer: crypto.randomUUID(),
    state: 'open',
    phase: from.phase,
    step: from.step,
    final: null,
    ...summaryOf(record),
    chunks: from.chunks,
    logBytes: sizeOf(entries),
    checkpoints: before.checkpoints.slice(place),
    best: before.best && before.best.step <= from.step && from.phase === 'student' ? before.best : null,
    weights: {},
  };
  await change.objectStore('progress').put(progress);
  await change.done;
  tell({ type: 'progress', run });
  return { progress, record };
}
