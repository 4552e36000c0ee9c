/** The training worker's access to the storage of runs, opened with the first run that is stored. */
import type { Dataset } from '../data/dataset';
import { readRecipe } from '../distill/recipe';
import { RunRecord } from '../record/run-record';
import { summaryOf } from '../record/summary';
import { storeDataset } from '../storage/datasets';
import { faultOf, StorageFault } from '../storage/faults';
import { Journal, readWhole, type WeightsAt } from '../storage/journal';
import { makingRoom } from '../storage/kept-teachers';
import { readProgress } from '../storage/library';
import { holdRun } from '../storage/locks';
import { soundLabel } from '../storage/stored-rows';
import { unpack } from '../storage/pack';
import { mostInMemory } from '../storage/read-at-once';
import type { DatasetRef, RunProgress } from '../storage/schema';
import { openStorage, type Storage } from '../storage/storage';
import { storeTeacher, type WholeTeacher } from '../storage/stored-teachers';
import type { Learner } from '../training/events';
import { readCheckpoint, type Checkpoint } from '../training/checkpoint';
import type { TakenRun } from '../training/outside-run';
import type { StoredRunParts } from '../training/stored-export-bundle';
import { OpenKeptTeachers } from './kept-teachers';
import { OpenSets, streamedAbove } from './open-sets';
import { OpenTeachers } from './open-teachers';
import type { RunId } from './training-protocol';

/** A run's journal and its lock. */
export interface OpenedJournal {
  journal: Promise<Journal>;
  /** Releases the lock; call after the last write. */
  release: () => void;
}

export interface ContinuedRun extends OpenedJournal {
  state: Checkpoint;
  progress: RunProgress;
  /** Record of its events up to the checkpoint. */
  record: RunRecord;
  /** Null for a bundled set. */
  dataset: Dataset | null;
}

export class RunStorage {
  readonly sets = new OpenSets(() => this.storage(), undefined, streamedAbove(mostInMemory()));
  readonly teachers = new OpenTeachers(() => this.storage());
  readonly keptTeachers = new OpenKeptTeachers(() => this.storage());
  private opened: Promise<Storage> | null = null;

  /** `open` is replaced in tests. */
  constructor(private readonly open: () => Promise<Storage> = openStorage) {}

  /** Begins to store a run; faults reject the journal. @param teacher that the run needs and that may not be stored yet */
  begin(run: RunId, backend: string, dataset: Dataset, teacher: WholeTeacher | null = null): OpenedJournal {
    const packed = this.sets.packed(dataset);
    let release: () => void = () => undefined;
    const write = (storage: Storage) => {
      const bytes = (packed?.parts ?? []).reduce((sum, part) => sum + sizeOf(part), 1);
      return makingRoom(storage, bytes, async () => {
        if (teacher) await storeTeacher(storage, teacher.about, teacher.files);
        if (!packed) return Journal.begin(storage, run, backend, { kind: 'bundled', id: dataset.id });
        let journal!: Journal;
        await storeDataset(storage, packed, async (ref) => {
          journal = await Journal.begin(storage, run, backend, ref);
        });
        return journal;
      });
    };
    const begun = async () => {
      const storage = await this.storage();
      const held = await holdRun(storage.locks, run);
      if (!held) throw busy();
      release = held;
      try {
        return await write(storage);
      } catch (error) {
        if (faultOf(error).kind !== 'lost') throw error;
        // A storage that was just cleared may not have said so yet.
        this.opened = null;
        return write(await this.storage());
      }
    };
    return { journal: begun(), release: () => release() };
  }

  /**
   * Stores a run that is over.
   * @param where it was trained, in place of a backend
   * @throws StorageFault, DOMException: nothing of it is stored then
   */
  async storeEnded(
    run: RunId,
    dataset: Dataset,
    where: string,
    { events, weights }: TakenRun,
  ): Promise<void> {
    const { journal, release } = this.begin(run, where, dataset);
    try {
      const end = events.findLast((event) => event.type === 'finished');
      const started = events.find((event) => event.type === 'started');
      const record = new RunRecord(run, started!.recipe);
      record.take(events);
      const files = Object.entries(weights).map(([learner, file]) => [
        learner,
        { safetensors: new Uint8Array(file), step: end!.step, score: null },
      ]);
      await (
        await journal
      ).end({
        state: end!.stopped ? 'stopped' : 'finished',
        events,
        summary: summaryOf(record),
        final: end!.final,
        weights: Object.fromEntries(files) as Partial<Record<Learner, WeightsAt>>,
        best: null,
      });
    } finally {
      release();
    }
  }

  /** Opens a stored run to continue it. @throws StorageFault, DOMException when it cannot be continued */
  async resume(run: RunId, kept?: string): Promise<ContinuedRun> {
    const storage = await this.storage();
    const release = await holdRun(storage.locks, run);
    if (!release) throw busy();
    try {
      const before = await readProgress(storage, run);
      const dataset = before?.dataset.kind === 'stored' ? await this.sets.open(before.dataset) : null;
      const { journal, state, progress, record } = await Journal.reopen(storage, run, kept);
      return { journal: Promise.resolve(journal), release, state: checked(state), progress, record, dataset };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Weights that were stored at the end of a run; null when there are none. */
  async weights(run: RunId, learner: Learner): Promise<Uint8Array<ArrayBuffer> | null> {
    const storage = await this.storage();
    const file = (await readProgress(storage, run))?.weights[learner];
    return file ? readWhole(storage, file) : null;
  }

  /** The student's best measured weights; null when there are none. @throws StorageFault, DOMException */
  async best(run: RunId): Promise<Uint8Array<ArrayBuffer> | null> {
    const storage = await this.storage();
    const file = (await readProgress(storage, run))?.best;
    return file ? readWhole(storage, file) : null;
  }

  /**
   * Recipe, data set, teacher and student's phase of a stored run, as of its end or of a checkpoint. The phase of a run that
   * has reached its end is not stored.
   * @param path of the checkpoint; null for the end, or for the newest checkpoint of a run without an end
   * @throws StorageFault, DOMException
   */
  async whole(
    run: RunId,
    path: string | null,
  ): Promise<Required<Omit<StoredRunParts, 'student' | 'dataset'>> & { dataset: DatasetRef }> {
    const storage = await this.storage();
    const [label, progress] = [await storage.database.get('runs', run), await readProgress(storage, run)];
    if (!label || !progress) throw new StorageFault('lost', 'This run is no longer stored.');
    const { dataset, checkpoints, weights } = progress;
    const newest = checkpoints[0];
    // Of a stopped run the newest checkpoint is that of its end.
    const isOfEnd = newest?.phase === 'student' && newest.step === weights.student?.step;
    const teacher = path === null && !isOfEnd ? await this.weights(run, 'teacher') : null;
    const from = path ?? (teacher ? null : (newest?.path ?? null));
    if (from === null) {
      const { recipe } = readRecipe(soundLabel(label).recipe);
      return { recipe, dataset, teacher, students: null, generated: null };
    }
    const { state } = await this.checkpointOf(run, from);
    const { teacher: ofState, students, generated = null } = state;
    return { recipe: state.recipe, dataset, teacher: ofState, students, generated };
  }

  /**
   * A saved checkpoint of a run, and a reference to its data set.
   * @throws StorageFault, DOMException
   */
  async checkpointOf(run: RunId, path: string): Promise<{ state: Checkpoint; dataset: DatasetRef }> {
    const storage = await this.storage();
    const progress = await readProgress(storage, run);
    const file = [...(progress?.kept ?? []), ...(progress?.checkpoints ?? [])].find(
      (known) => known.path === path,
    );
    if (!progress || !file) throw new StorageFault('lost', 'This state is no longer stored.');
    return { state: checked(unpack(await readWhole(storage, file))), dataset: progress.dataset };
  }

  /** Opens the storage again when the former one was denied or cleared. */
  private async storage(): Promise<Storage> {
    const open = await this.opened?.catch(() => null);
    if (open && !open.isLost()) return open;
    this.opened = this.open();
    return this.opened;
  }
}

/** @throws StorageFault when the input is no checkpoint, or of another version of the page */
function checked(state: unknown): Checkpoint {
  const found = readCheckpoint(state);
  if (found === null)
    throw new StorageFault(
      'damaged',
      'The saved state of this run is damaged, so it cannot go on. Its curves are kept.',
    );
  // Its recipe may be of an older version, or lack newer knobs.
  if (found !== 'other version') return { ...found, recipe: readRecipe(found.recipe).recipe };
  throw new StorageFault(
    'newer',
    'The run was saved by another version of this page, whose training differs, so it cannot go on. Its curves are kept.',
  );
}

function busy(): StorageFault {
  return new StorageFault('busy', 'This run is going on in another tab of the page.');
}

function sizeOf(part: Blob | Uint8Array): number {
  return part instanceof Blob ? part.size : part.length;
}
