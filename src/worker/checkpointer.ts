/**
 * Keeps a run safe while it is carried out: every few seconds its state and what it told since are written down. The
 * state is taken between two steps; writing goes on beside the training. A fault of the storage never ends a run.
 */
import type { RunRecord } from '../record/run-record';
import { summaryOf } from '../record/summary';
import { faultOf, type FaultKind } from '../storage/faults';
import { snapshotOf, type End, type Journal, type WeightsAt } from '../storage/journal';
import type { Learner, Phase, RunEvent } from '../training/events';
import type { Run } from '../training/run';
import type { Checkpoint as TrainingState } from '../training/checkpoint';
import type { OpenedJournal } from './run-storage';

/** Milliseconds of training that a crash may cost, beside the time it takes to write. */
const interval = 3000;
/** A knob that is being dragged turns many times a second. */
const soonest = 500;
/** Writing takes a dozen turns of the event loop, and training gives it one a step: slow steps wait for it. */
const slowStep = 60;
/** How long to wait after a fault that may pass. */
const patience = 10_000;

export interface StorageReport {
  /** The state that was just written. */
  saved: { phase: Phase; step: number } | null;
  /** What went wrong, a sentence; null once it works again. */
  fault: { kind: FaultKind; text: string } | null;
}

const learners: readonly Learner[] = ['student', 'control', 'hard', 'teacher'];

export class Checkpointer {
  private readonly journal: Promise<Journal>;
  private release: () => void = () => undefined;
  private readonly report: (news: StorageReport) => void;
  private ready = false;
  /** Whether the journal was there at the first try: nothing waits longer for it. */
  private readonly first: Promise<boolean>;
  private gaveUp = false;
  /** Nothing can be stored any more. */
  private over = false;
  private faulty: FaultKind | null = null;
  private unsaved: RunEvent[] = [];
  private lastSave = performance.now();
  private lastStep = performance.now();
  private wait = interval;
  private keepAsked = false;
  private bestAccuracy: number;
  private bestDue: { step: number; accuracy: number } | null = null;
  private best: WeightsAt | null = null;
  private saving: Promise<void> = Promise.resolve();
  private busy = false;

  /**
   * @param record of what the run has told so far; what it tells goes into it
   * @param begin opens the journal; asked again while there is no room for it
   * @param bestAccuracy of weights that are kept already
   */
  constructor(
    private readonly record: RunRecord,
    begin: () => OpenedJournal,
    tell: (news: StorageReport) => void,
    bestAccuracy = -1,
  ) {
    this.report = tell;
    this.bestAccuracy = bestAccuracy;
    let tried: (opened: boolean) => void = () => undefined;
    this.first = new Promise((resolve) => (tried = resolve));
    this.journal = this.open(begin, tried);
    // Whoever asks for it meets the fault again.
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

  /** Notes what was told; it is stored with the next state. */
  take(events: readonly RunEvent[]): void {
    if (this.over) return;
    this.unsaved.push(...events);
    this.record.take(events);
    for (const event of events) {
      // What comes next must not be redone with the knob as it was before.
      if (event.type === 'knob') this.wait = soonest;
      const accuracy = event.type === 'evaluation' && event.phase === 'student' && event.accuracy.student;
      if (typeof accuracy === 'number' && accuracy > this.bestAccuracy) {
        this.bestAccuracy = accuracy;
        this.bestDue = { step: event.type === 'evaluation' ? event.step : 0, accuracy };
      }
    }
  }

  /** Saves soon, and keeps that state for good. */
  keep(): void {
    this.keepAsked = true;
    this.wait = 0;
  }

  /**
   * Called between two steps: takes what is due.
   * @returns what was read back for it; it is noted already
   */
  async between(run: Run): Promise<RunEvent[]> {
    const now = performance.now();
    const slow = now - this.lastStep > slowStep;
    this.lastStep = now;
    if (this.over) return [];
    await this.takeBest(run);
    if (!(this.ready || (slow && (await this.opened())))) return [];
    const due = performance.now() - this.lastSave >= this.wait;
    const read = due && !this.busy ? await this.checkpoint(run) : [];
    if (slow) {
      await this.saving;
      this.lastStep = performance.now();
    }
    return read;
  }

  /** Saves now: a run that is held may be left at any moment. @returns as `between` */
  async settle(run: Run): Promise<RunEvent[]> {
    if (this.over || !(await this.opened())) return [];
    await this.saving;
    return this.checkpoint(run);
  }

  /** Writes how the run ended; without room, once there is some. @param run null when it is in no state to be read */
  async end(run: Run | null, state: End['state']): Promise<void> {
    const opened = await this.opened();
    if (this.over) return;
    if (opened) await this.saving;
    if (run) await this.takeBest(run);
    const { outcome } = this.record;
    const weights: End['weights'] = {};
    if (run && outcome)
      for (const learner of learners) {
        const at = await weightsOf(run, learner, this.record.step, null);
        if (at) weights[learner] = at;
      }
    // The state of a run that was stopped comes before its last words, so that it can go on without them.
    if (run && state === 'stopped') {
      const last = this.unsaved.filter((event) => event.type === 'finished');
      this.unsaved = this.unsaved.filter((event) => event.type !== 'finished');
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
    // Without a journal it was said, or will be.
    const written = write().catch(() => undefined);
    if (opened) await written;
  }

  /** Without room it is tried again, though nobody waits for it: the page may stay open for long. */
  private async writeEnd(end: End): Promise<void> {
    try {
      await (await this.journal).end(end);
      if (this.faulty) this.report({ saved: null, fault: null });
    } catch (error) {
      this.fail(error);
      if (faultOf(error).kind === 'full') setTimeout(() => void this.writeEnd(end), patience);
    }
  }

  /** The weights that were just measured to be the best: the next step changes them. */
  private async takeBest(run: Run): Promise<void> {
    if (!this.bestDue) return;
    const { step, accuracy } = this.bestDue;
    this.bestDue = null;
    this.best = await weightsOf(run, 'student', step, accuracy);
  }

  private async opened(): Promise<boolean> {
    return this.ready || ((await this.first) && this.ready);
  }

  private async checkpoint(run: Run): Promise<RunEvent[]> {
    let state: TrainingState;
    let read: RunEvent[];
    try {
      read = await run.flush();
      this.take(read);
      state = await run.checkpoint();
    } catch {
      // The next step meets the same fault and tells it as the run's.
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
    this.saving = this.journal
      .then((journal) => journal.save({ events, summary, state: snapshot, best, keep }))
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
    if (!students) return ['teacher', last('teacher')];
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
  accuracy: number | null,
): Promise<WeightsAt | null> {
  const safetensors = await run.weights(learner).catch(() => null);
  return safetensors && { safetensors: new Uint8Array(safetensors), step, accuracy };
}
