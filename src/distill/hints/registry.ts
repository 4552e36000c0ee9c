/** The maths of every hint; a hint without one is a compile error. */
import { createAt } from './at/loss';
import { createFitnet } from './fitnet/loss';
import type { HintFactory } from './hint';
import type { HintId } from './abouts';
import { createKd } from './kd/loss';

export const hintFactories: Readonly<Record<HintId, HintFactory>> = {
  kd: createKd,
  fitnet: createFitnet,
  at: createAt,
};
