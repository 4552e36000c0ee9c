import type { ResolvedRecipe } from '../distill/hints/weights';
import type { Phase, RunEvent } from './events';

/** What a phase needs of the run it is part of. */
export interface RunContext {
  /** The recipe as it stands now, its weights as numbers. */
  recipe: () => ResolvedRecipe;
  stopRequested: () => boolean;
  /** Why every step runs op by op, a sentence; null where steps are recorded and replayed. */
  unrecorded: string | null;
  /** Knobs turned since the last call, as events of the given step. */
  takeKnobEvents: (phase: Phase, step: number) => RunEvent[];
}
