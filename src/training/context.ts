import type { ResolvedRecipe } from '../distill/hints/weights';
import type { Phase, RunEvent } from './events';
import type { TraceTables } from './trace-tables';

/** Access of a phase to its run. */
export interface RunContext {
  /** The recipe as it stands now, its weights as numbers. */
  recipe: () => ResolvedRecipe;
  stopRequested: () => boolean;
  /** Why steps run op by op, a sentence; null where they are recorded and replayed. */
  unrecorded: string | null;
  /** What teachers have said in former runs; null where nothing is kept between runs. */
  traces: TraceTables | null;
  /** Knob changes since the last call, as events of the given step. */
  takeKnobEvents: (phase: Phase, step: number) => RunEvent[];
}
