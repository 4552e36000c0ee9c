/** The maths of every weighting; one without it is a compile error. */
import type { WeightingId } from './abouts';
import { createFixed } from './fixed/weigh';
import { createHintDynamic } from './hint-dynamic/weigh';
import type { WeightingFactory } from './weighting';

export const weightingFactories: Readonly<Record<WeightingId, WeightingFactory>> = {
  fixed: createFixed,
  'hint-dynamic': createHintDynamic,
};
