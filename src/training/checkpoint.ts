/** What is kept of a run so that it can go on elsewhere: after a lost device, in another tab, another day. */
import type { Recipe } from '../distill/recipe';
import type { RunEvent } from './events';
import type { StudentState } from './student-phase';
import type { TeacherState } from './teachers/teacher';

export const checkpointVersion = 3;

/** Plain data that can be cloned and stored. Belongs to the data set that the run was started on. */
export interface Checkpoint {
  version: typeof checkpointVersion;
  /** As it stands, with the knobs turned since the start. */
  recipe: Recipe;
  /** The making of the teacher, while it is under way; its kind knows what it holds. */
  making: unknown;
  /** The teacher, once it is made. */
  teacher: TeacherState | null;
  /** The student's phase, once it has begun. */
  students: StudentState | null;
  /** Up to which step events of a type and phase were told, so that nothing is told twice. */
  told: Record<string, number>;
  /** Seconds that the run has taken so far, pauses included. */
  seconds: number;
}

/**
 * A state as it was stored. What the teacher and the students hold is looked at when they are restored.
 * @returns null for what is no state
 */
export function readCheckpoint(input: unknown): Checkpoint | 'other version' | null {
  const { version, recipe, told, seconds, teacher, students } = (input ?? {}) as Partial<
    Record<keyof Checkpoint, unknown>
  >;
  if (typeof version !== 'number') return null;
  if (version !== checkpointVersion) return 'other version';
  const whole =
    isRecord(recipe) &&
    isRecord(told) &&
    Object.values(told).every((step) => typeof step === 'number') &&
    typeof seconds === 'number' &&
    seconds >= 0 &&
    [teacher, students].every((part) => part === null || isRecord(part));
  return whole ? (input as Checkpoint) : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Marks events as told. */
export class EventCursor {
  readonly upTo: Record<string, number>;

  constructor(upTo: Readonly<Record<string, number>> = {}) {
    this.upTo = { ...upTo };
  }

  /** False when an event was told before; then it is not news. */
  isNew(event: RunEvent): boolean {
    const place = placeOf(event);
    if (!place) return true;
    const { key, step } = place;
    if (step <= (this.upTo[key] ?? -1)) return false;
    this.upTo[key] = step;
    return true;
  }
}

function placeOf(event: RunEvent): { key: string; step: number } | null {
  switch (event.type) {
    // A state from before the first step of a phase would announce it anew.
    case 'phase':
      return { key: `phase/${event.phase}/${event.text}`, step: 0 };
    case 'instances':
      return { key: 'instances', step: event.snapshot.step };
    case 'step':
    case 'evaluation':
    case 'views':
      return { key: `${event.type}/${event.phase}`, step: event.step };
    default:
      return null;
  }
}
