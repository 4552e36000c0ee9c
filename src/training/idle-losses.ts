/** Says once of each loss that found nothing to do in its first steps, as the loss declares it (`HintAbout.idle`). */
import type { HintAbout } from '../distill/about';
import { hintAbouts } from '../distill/hints/abouts';
import type { HintEntry } from '../distill/recipe';
import type { RunEvent } from './events';
import type { StepEvent } from './step-metrics';

export class IdleLosses {
  /** Losses of which nothing but idle steps was told so far. */
  private watched: { probe: string; after: number; text: string; idle: number }[];

  /** @param keys of the hints @param steps of the run; a shorter one is judged at its end */
  constructor(hints: readonly HintEntry[], keys: readonly string[], steps: number) {
    this.watched = hints.flatMap(({ id }, place) => {
      const { idle }: HintAbout = hintAbouts[id];
      return idle
        ? [
            {
              probe: `${idle.probe}/${keys[place]}`,
              after: Math.min(idle.steps, steps),
              text: idle.text,
              idle: 0,
            },
          ]
        : [];
    });
  }

  /** Of the steps since the last call. */
  warnings(events: readonly StepEvent[]): RunEvent[] {
    return events.flatMap(({ step, values }) =>
      this.watched.flatMap((loss) => {
        if (values[loss.probe] === undefined) return [];
        const isIdle = values[loss.probe] === 0 && ++loss.idle < loss.after;
        if (!isIdle) this.watched = this.watched.filter((other) => other !== loss);
        return values[loss.probe] === 0 && !isIdle
          ? [{ type: 'warning' as const, step, text: loss.text }]
          : [];
      }),
    );
  }
}
