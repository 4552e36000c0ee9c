import { sentenceOf } from '../limits/texts';
import type { Phase, RunEvent } from './events';

/** A run that cannot go on, with a sentence for the user: what happened, where, what to do. */
export class RunFailure extends Error {
  /** The knob to look at first, as a path in the recipe. */
  readonly knob: string | null;
  readonly step: number;

  constructor(
    message: string,
    { knob = null, step = 0, ...options }: { knob?: string | null; step?: number; cause?: unknown } = {},
  ) {
    super(message, options);
    this.name = 'RunFailure';
    this.knob = knob;
    this.step = step;
  }
}

/** @param step the last one that was done */
export function damagedCheckpoint(step: number): RunFailure {
  return new RunFailure(
    'The run could not go on from its saved state, which is probably damaged. Its curves are kept. Go on from another state that was kept, or start its recipe anew.',
    { step },
  );
}

/** @param step the last one that was done, for errors that do not know theirs */
export function failureEvent(error: unknown, phase: Phase, step: number): RunEvent {
  if (error instanceof RunFailure)
    return { type: 'failed', step: error.step || step, phase, message: error.message, knob: error.knob };
  const detail = sentenceOf(error);
  const isFull = /memory|allocat/i.test(detail);
  const message = isFull
    ? `The device ran out of memory (${detail}). Use a smaller batch or a smaller network.`
    : `The run stopped because of an unexpected error: ${detail}. The curves so far are kept; another backend may work.`;
  return {
    type: 'failed',
    step,
    phase,
    message,
    knob: isFull ? (phase === 'teacher' ? 'teacher.knobs.batch' : 'schedule.batch') : null,
  };
}
