/** The initialisation stages of the hints, one after the other. */
import type { RunContext } from './context';
import type { RunEvent } from './events';
import type { Plan } from './plan';
import { PreludePhase, type PreludeParts, type PreludeState } from './prelude';

/** Keys are stored. */
export interface PreludesState {
  /** The present prelude, or null. */
  prelude: PreludeState | null;
  /** Finished preludes. */
  preludesDone: number;
}

/** What all stages share; stays the student phase's. */
type Shared = Pick<PreludeParts, 'pass' | 'inputs' | 'teacher' | 'batches' | 'apart'>;

export class Preludes {
  /** The stage that is under way. */
  present: PreludePhase | null = null;
  private readonly plan: Plan;
  private readonly context: RunContext;
  private readonly shared: Shared;
  private done = 0;
  /** Where a stage is to go on after `restore`. */
  private restored: PreludeState | null = null;

  constructor(plan: Plan, context: RunContext, shared: Shared) {
    this.plan = plan;
    this.context = context;
    this.shared = shared;
  }

  async *ticks(): AsyncGenerator<RunEvent[], void, undefined> {
    const { preludes, hintKeys } = this.plan;
    const { shared, context } = this;
    const total = stepsOf(preludes);
    for (let index = this.done; index < preludes.length; index++) {
      const { prelude } = shared.pass.hints[index]!;
      const steps = preludes[index]!;
      if (prelude && steps > 0 && !context.stopRequested()) {
        const before = stepsOf(preludes.slice(0, index));
        const parts = { index, prelude, key: hintKeys[index]!, steps, before, total, ...shared };
        this.present = new PreludePhase(parts, context);
        if (this.restored?.hint === index) this.present.restore(this.restored);
        this.restored = null;
        yield* this.present.ticks();
        this.present.dispose();
        this.present = null;
      }
      this.done = index + 1;
    }
  }

  async state(): Promise<PreludesState> {
    return { prelude: (await this.present?.state()) ?? null, preludesDone: this.done };
  }

  /** Continues from a `state` of the same plan; call before `ticks`. */
  restore({ prelude, preludesDone }: PreludesState): void {
    this.restored = prelude;
    this.done = preludesDone;
  }

  dispose(): void {
    this.present?.dispose();
    this.present = null;
  }
}

function stepsOf(preludes: readonly number[]): number {
  return preludes.reduce((sum, steps) => sum + steps, 0);
}
