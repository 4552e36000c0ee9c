/**
 * A run's side of sharing trained teachers: before a teacher is trained, one that was trained by the same key is asked
 * for; one that was trained is handed over with the events of its training, so that other runs can show its curves.
 */
import type { Recipe } from '../distill/recipe';
import { labelsKey, teacherKey, type TeacherPlace } from '../distill/teachers/teacher-key';
import { entriesOf, eventsOf, type LogEntry } from '../storage/event-log';
import type { RunEvent } from './events';
import type { TeacherState } from './teachers/teacher';

/** A trained teacher with what its training emitted. Plain data; its keys are stored. */
export interface KeptTeacher {
  state: TeacherState;
  entries: LogEntry[];
  /** `labelsKey` of the run that trained it. */
  labels: string;
}

/** The right to train one teacher, which one run has at a time. */
export interface TeacherClaim {
  /** Null where this run is the one to train it. */
  kept: KeptTeacher | null;
  /** Keeps the trained teacher, and gives up the right. Never rejects: without room it is trained again next time. */
  keep(teacher: KeptTeacher, about: Recipe): Promise<void>;
  /** Gives up the right, and the use of a kept teacher. */
  release(): void;
}

/** Where trained teachers are kept. */
export interface KeptTeachers {
  place: TeacherPlace;
  /**
   * Waits until no other run trains this teacher.
   * @param signal ends the waiting
   * @returns null where none can be kept, or the waiting was ended
   */
  claim(key: string, signal: AbortSignal): Promise<TeacherClaim | null>;
}

/** What of it a checkpoint holds while the teacher is being trained. */
export interface HalfTaught {
  entries: LogEntry[];
  backend: string;
}

/** Milliseconds between two looks at the run's commands while it waits for another run's teacher. */
const glance = 250;

export class SharedTeacher {
  private readonly key: string | null;
  private claim: TeacherClaim | null = null;
  private events: RunEvent[] = [];
  /** All of its training was seen by this run, on this backend. */
  private isWhole = true;

  /** @param before of a checkpoint; null at the start of the teacher's training, undefined where it was not saved */
  constructor(
    private readonly place: KeptTeachers | undefined,
    private readonly recipe: Recipe,
    before: HalfTaught | null | undefined,
  ) {
    this.key = place ? teacherKey(recipe, place.place) : null;
    if (before === undefined || (before && before.backend !== place?.place.backend)) this.isWhole = false;
    else if (before) this.events = eventsOf(before.entries);
  }

  /** One tick at a time while another run trains the same teacher. @returns the kept teacher, null where there is none */
  async *wait(stopRequested: () => boolean): AsyncGenerator<RunEvent[], KeptTeacher | null, undefined> {
    if (!this.place || this.key === null) return null;
    const leave = new AbortController();
    const asked = this.place.claim(this.key, leave.signal);
    const text = 'Another run trains the same teacher; this one waits for it.';
    let waited = false;
    try {
      for (;;) {
        const claim = await Promise.race([asked, later(glance)]);
        if (claim !== 'later') {
          this.claim = claim;
          break;
        }
        if (stopRequested()) return null;
        yield waited ? [] : [{ type: 'progress', phase: 'teacher', text, share: 0 }];
        waited = true;
      }
    } finally {
      leave.abort();
      if (!this.claim) void asked.then((claim) => claim?.release());
    }
    if (waited) yield [{ type: 'progress', phase: 'teacher', text, share: 1 }];
    return this.claim?.kept ?? null;
  }

  /** The events of a kept teacher's training, as this run would have emitted them. */
  eventsOf({ entries, labels }: KeptTeacher): RunEvent[] {
    const events = eventsOf(entries);
    if (labels === labelsKey(this.recipe)) return events;
    // Measured on instances with the labels of another run.
    return events.map((event) => (event.type === 'evaluation' ? { ...event, trainScores: {} } : event));
  }

  /** Takes what the teacher's training has emitted. */
  take(events: readonly RunEvent[]): void {
    if (this.claim) this.events.push(...events);
  }

  /** For a checkpoint; undefined where nothing is to be kept. */
  state(): HalfTaught | undefined {
    if (!this.claim || !this.place || !this.isWhole) return undefined;
    return { entries: entriesOf(this.events), backend: this.place.place.backend };
  }

  /** Hands the trained teacher over, unless it is another one than its key says. */
  async keep(state: TeacherState): Promise<void> {
    const isChanged = this.events.some(({ type }) => type === 'knob');
    if (this.claim && this.isWhole && !isChanged)
      await this.claim.keep(
        { state, entries: entriesOf(this.events), labels: labelsKey(this.recipe) },
        this.recipe,
      );
    this.events = [];
  }

  release(): void {
    this.claim?.release();
    this.claim = null;
  }
}

function later(milliseconds: number): Promise<'later'> {
  return new Promise((resolve) => setTimeout(() => resolve('later'), milliseconds));
}
