import type { HintId } from './abouts';
import { factories } from './factories';
import type { Hint, HintFactory, HintSetup } from './hint';

/** Makes a hint. `setup.knobs` are those of this hint, as `readRecipe` leaves them: complete and in their ranges. */
export function createHint(id: HintId, setup: HintSetup): Hint {
  return (factories[id] as HintFactory)(setup);
}
