/** A checkpoint: the state of a run, from which it continues after a lost device, a reload or in another tab. */
import type { Recipe } from '../distill/recipe';
import type { RunEvent } from './events';
import type { Generated, GenerationState } from './generation/generation';
import type { HalfTaught } from './shared-teacher';
import type { StudentState } from './student-phase';
import type { TeacherState } from './teachers/teacher';

export const checkpointVersion = 3;

/** Plain data that can be cloned and stored, for the run's own data set. Its keys are stored and stay as they are. */
export interface Checkpoint {
  version: typeof checkpointVersion;
  /** The recipe with the knob changes since the start. */
  recipe: Recipe;
  /** State of the `TeacherBuilder`, while it runs; its shape depends on the kind of teacher. */
  making: unknown;
  /** What its training has emitted so far; missing in checkpoints of older pages, and of a teacher that is not kept. */
  taught?: HalfTaught;
  /** The teacher, once it is built. */
  teacher: TeacherState | null;
  /** State of the generation of pictures, while it runs; missing where none are generated. */
  generating?: GenerationState | null;
  /** The pictures, once they are there; missing where none are generated. */
  generated?: Generated | null;
  /** The student's phase, once it has begun. */
  students: StudentState | null;
  /** Seconds from the start until the teacher was there; missing before that, and in checkpoints of older page versions. */
  teacherSeconds?: number;
  /** The `EventCursor`: last emitted step per type and phase of event, so that none is emitted twice. */
  told: Record<string, number>;
  /** Seconds since the start of the run, pauses included. */
  seconds: number;
  /** Of the backend that computed it (`kernelVersions`); 1 where it is left out. */
  kernels?: number;
}

/**
 * Reads a stored checkpoint. Parts of the teacher, of generated pictures and of the student are checked when they are restored.
 * @returns null for anything else
 */
export function readCheckpoint(input: unknown): Checkpoint | 'other version' | null {
  const {
    version,
    recipe,
    told,
    seconds,
    teacher,
    students,
    generating = null,
    generated = null,
  } = (input ?? {}) as Partial<Record<keyof Checkpoint, unknown>>;
  if (typeof version !== 'number') return null;
  if (version !== checkpointVersion) return 'other version';
  const whole =
    isRecord(recipe) &&
    isRecord(told) &&
    Object.values(told).every((step) => typeof step === 'number') &&
    typeof seconds === 'number' &&
    seconds >= 0 &&
    [teacher, students, generating, generated].every((part) => part === null || isRecord(part));
  return whole ? (input as Checkpoint) : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Tracks which events were emitted, so that steps repeated after a restore emit none again. */
export class EventCursor {
  readonly upTo: Record<string, number>;

  constructor(upTo: Readonly<Record<string, number>> = {}) {
    this.upTo = { ...upTo };
  }

  /** False for an event that was emitted before; else marks it as emitted. */
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
    // A checkpoint from before the first step of a phase would emit the phase again.
    case 'phase':
      return { key: `phase/${event.phase}/${event.text}`, step: 0 };
    case 'instances':
      return { key: 'instances', step: event.snapshot.step };
    case 'step':
    case 'evaluation':
    case 'views':
      return { key: `${event.type}/${event.phase}`, step: event.step };
    // One from before the first step would come again with it.
    case 'warning':
      return { key: `warning/${event.text}`, step: event.step };
    default:
      return null;
  }
}
