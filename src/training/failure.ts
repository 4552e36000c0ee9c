/** A run that cannot go on, with a sentence for the user: what happened, where, what to do. */
export class RunFailure extends Error {
  /** The knob to look at first, as a path in the recipe. */
  readonly knob: string | null;
  readonly step: number;

  constructor(message: string, { knob = null, step = 0 }: { knob?: string | null; step?: number } = {}) {
    super(message);
    this.name = 'RunFailure';
    this.knob = knob;
    this.step = step;
  }
}
