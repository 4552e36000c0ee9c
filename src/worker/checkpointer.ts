/**
 * Saves a run while it trains: every few seconds a checkpoint and the events since the last one. The checkpoint is taken
 * between two steps; writing runs beside the training. A fault of the storage never ends a run.
 */
import { gainOf } from '../distill/tasks/about';
import type { RunRecord } from '../record/run-record';
import { summaryOf } from '../record/summary';
import { faultOf, type FaultKind } from '../storage/faults';
import { snapshotOf, type End, type Journal, type WeightsAt } from '../storage/journal';
import type { Learner, Phase, RunEvent } from '../training/events';
import type { Run } from '../training/run';
import type { Checkpoint as TrainingState } from '../training/checkpoint';
import type { OpenedJournal } from './run-storage';

/** Milliseconds between checkpoints: what a crash may cost, beside the time to write. */
const interval = 3000;
/** Shortest time between checkpoints, because a dragged knob changes many times a second. */
const soonest = 500;
/** Writing takes about a dozen turns of the event loop and gets one per step, so steps slower than this wait for it. */
const slowStep = 60;
/** Milliseconds before a retry after a temporary fault. */
const patience = 10_000;

export interface StorageReport {
  /** The checkpoint that was just written. */
  saved: { phase: Phase; step: number } | null;
  /** The fault as a sentence; null once writing works again. */
  fault: { kind: FaultKind; text: string } | null;
}

export interface CheckpointerOptions {
  /** Of the best weights that are stored already. */
  bestScore?: number | null;
  /** Only the student's last weights are kept. */
  lean?: boolean;
  /** Nothing is stored before the first checkpoint is due, and nothing at all of a run that ends before. */
  late?: boolean;
}

const learners: readonly Learner[] = ['student', 'control', 'hard', 'full', 'rounded', 'teacher'];

const leanLearners: readonly Learner[] = ['student'];

export class Checkpointer {
  /** Opens the journal; null once it has been asked to. */
  private begin: (() => OpenedJournal) | null;
  private journal: Promise<Journal> | null = null;
  private release: () => void = () => undefined;
  private readonly report: (news: StorageReport) => void;
  private ready = false;
  /** Whether the first attempt opened the journal; nothing waits for later attempts. */
  private first: Promise<boolean> | null = null;
  private gaveUp = false;
  /** Nothing more will be stored. */
  private over = false;
  private faulty: FaultKind | null = null;
  private unsaved: RunEvent[] = [];
  private lastSave = performance.now();
  private lastStep = performance.now();
  private wait = interval;
  private keepAsked = false;
  private bestScore: number | null;
  private bestDue: { step: number; score: number } | null = null;
  private best: WeightsAt | null = null;
  private readonly lean: boolean;
  private saving: Promise<void> = Promise.resolve();
  private busy = false;

  /**
   * @param record of the run's events so far; new events are added to it
   * @param begin opens the journal; called again while the storage is full
   */
  constructor(
    private readonly record: RunRecord,
    begin: () => OpenedJournal,
    tell: (news: StorageReport) => void,
    { bestScore = null, lean = false, late = false }: CheckpointerOptions = {},
  ) {
    this.begin = begin;
    this.report = tell;
    this.bestScore = bestScore;
    this.lean = lean;
    if (!late) this.openSoon();
  }

  /** Begins to open the journal, the first time that it is called. */
  private openSoon(): void {
    if (!this.begin) return;
    let tried: (opened: boolean) => void = () => undefined;
    this.first = new Promise((resolve) => (tried = resolve));
    this.journal = this.open(this.begin, tried);
    this.begin = null;
    // Later awaits of the journal meet the same fault.
    this.journal.catch(() => undefined);
  }

  private async open(begin: () => OpenedJournal, tried: (opened: boolean) => void): Promise<Journal> {
    for (;;) {
      const { journal, release } = begin();
      try {
        const opened = await journal;
        this.release = release;
        this.ready = true;
        if (this.faulty) this.report({ saved: null, fault: null });
        this.faulty = null;
        tried(true);
        return opened;
      } catch (error) {
        release();
        if (faultOf(error).kind !== 'full') this.giveUp(error);
        else this.fail(error);
        tried(false);
        if (this.gaveUp) throw error;
        await new Promise((resolve) => setTimeout(resolve, patience));
      }
    }
  }

  /** Takes events of the run; they are stored with the next checkpoint. */
  take(events: readonly RunEvent[]): void {
    this.record.take(events);
    if (this.over) return;
    this.unsaved.push(...events);
    for (const event of events) {
      // After a crash no step may be repeated with the knob's former value.
      if (event.type === 'knob') this.wait = soonest;
      if (this.lean || event.type !== 'evaluation' || event.phase !== 'student') continue;
      const [about] = this.record.task.scores;
      const score = event.scores[about.id]?.student;
      if (score === undefined || Number.isNaN(score)) continue;
      if (this.bestScore !== null && gainOf(about, score, this.bestScore) <= 0) continue;
      this.bestScore = score;
      this.bestDue = { step: event.step, score };
    }
  }

  /** Saves a checkpoint soon and keeps it for good. */
  keep(): void {
    this.keepAsked = true;
    this.wait = 0;
  }

  /**
   * Call between two steps: saves what is due.
   * @returns events that were read back for it; they are taken already
   */
  async between(run: Run): Promise<RunEvent[]> {
    const now = performance.now();
    const slow = now - this.lastStep > slowStep;
    this.lastStep = now;
    if (this.over) return [];
    await this.takeBest(run);
    const isDue = () => performance.now() - this.lastSave >= this.wait;
    if (isDue()) this.openSoon();
    if (!(this.ready || (slow && (await this.opened())))) return [];
    const read = isDue() && !this.busy ? await this.checkpoint(run) : [];
    if (slow) {
      await this.saving;
      this.lastStep = performance.now();
    }
    return read;
  }

  /** Saves now, because the page may be closed while the run is paused. @returns as `between` */
  async settle(run: Run): Promise<RunEvent[]> {
    if (this.over) return [];
    this.openSoon();
    if (!(await this.opened())) return [];
    await this.saving;
    return this.checkpoint(run);
  }

  /** Writes the end of the run; while the storage is full it is retried. @param run null when it cannot be read */
  async end(run: Run | null, state: End['state']): Promise<void> {
    const opened = await this.opened();
    if (this.begin) this.over = true;
    if (this.over) return;
    if (opened) await this.saving;
    if (run) await this.takeBest(run);
    const { outcome } = this.record;
    const weights: End['weights'] = {};
    if (run && outcome)
      for (const learner of this.lean ? leanLearners : learners) {
        const at = await weightsOf(run, learner, this.record.step, null);
        if (at) weights[learner] = at;
      }
    // The checkpoint of a stopped run comes before the events of its end, so that it can be continued without them.
    if (run && state === 'stopped') {
      const last = this.unsaved.filter(isOfEnd);
      this.unsaved = this.unsaved.filter((event) => !isOfEnd(event));
      await this.checkpoint(run);
      if (opened) await this.saving;
      this.unsaved.push(...last);
    }
    this.over = true;
    const write = async () => {
      await this.journal;
      await this.saving;
      const [events, best] = [this.unsaved.splice(0), this.best];
      await this.writeEnd({
        state,
        events,
        summary: summaryOf(this.record),
        final: outcome?.final ?? null,
        weights,
        best,
      });
      this.release();
    };
    // A missing journal is reported elsewhere.
    const written = write().catch(() => undefined);
    if (opened) await written;
  }

  /** While the storage is full it is retried in the background: the page may stay open for long. */
  private async writeEnd(end: End): Promise<void> {
    try {
      await (await this.journal)!.end(end);
      if (this.faulty) this.report({ saved: null, fault: null });
    } catch (error) {
      this.fail(error);
      if (faultOf(error).kind === 'full') setTimeout(() => void this.writeEnd(end), patience);
    }
  }

  /** Copies the weights that were just measured as the best, before the next step changes them. */
  private async takeBest(run: Run): Promise<void> {
    if (!this.bestDue) return;
    const { step, score } = this.bestDue;
    this.bestDue = null;
    this.best = await weightsOf(run, 'student', step, score);
  }

  private async opened(): Promise<boolean> {
    return this.ready || ((await this.first) === true && this.ready);
  }

  private async checkpoint(run: Run): Promise<RunEvent[]> {
    let state: TrainingState;
    let read: RunEvent[];
    try {
      read = await run.flush();
      this.take(read);
      state = await run.checkpoint();
    } catch {
      // The next step meets the same fault and reports it as the run's failure.
      return [];
    }
    const [phase, step] = this.placeOf(state);
    const events = this.unsaved;
    const summary = summaryOf(this.record);
    const best = this.best;
    const keep = this.keepAsked;
    const snapshot = snapshotOf(state, phase, step);
    this.unsaved = [];
    this.best = null;
    this.keepAsked = false;
    this.lastSave = performance.now();
    this.wait = interval;
    this.busy = true;
    this.saving = this.journal!.then((journal) =>
      journal.save({ events, summary, state: snapshot, best, keep }),
    )
      .then(
        () => {
          this.faulty = null;
          this.report({ saved: { phase, step }, fault: null });
        },
        (error: unknown) => {
          this.unsaved = [...events, ...this.unsaved];
          this.best ??= best;
          this.keepAsked ||= keep;
          this.wait = patience;
          this.fail(error);
        },
      )
      .finally(() => (this.busy = false));
    return read;
  }

  private placeOf({ students }: TrainingState): [Phase, number] {
    const last = (phase: Phase) => this.record.steps[phase].steps.at(-1) ?? 0;
    if (!students) {
      const phase = last('generator') > 0 ? 'generator' : 'teacher';
      return [phase, last(phase)];
    }
    if (students.prelude) return ['prelude', last('prelude')];
    return ['student', students.stepsDone];
  }

  private fail(error: unknown): void {
    const { kind, message } = faultOf(error);
    if (kind === 'lost' || kind === 'denied') return this.giveUp(error);
    if (this.faulty === kind) return;
    this.faulty = kind;
    this.report({ saved: null, fault: { kind, text: message } });
  }

  private giveUp(error: unknown): void {
    if (this.gaveUp) return;
    this.gaveUp = true;
    const { kind, message } = faultOf(error);
    this.over = true;
    this.unsaved = [];
    this.best = null;
    this.release();
    this.report({ saved: null, fault: { kind, text: message } });
  }
}

/** Null when there are none, or when the device cannot give them. */
async function weightsOf(
  run: Run,
  learner: Learner,
  step: number,
  score: number | null,
): Promise<WeightsAt | null> {
  const safetensors = await run.weights(learner).catch(() => null);
  return safetensors && { safetensors: new Uint8Array(safetensors), step, score };
}

function isOfEnd({ type }: RunEvent): boolean {
  return type === 'finished' || type === 'times' || type === 'latency';
}
