/** Every weighting's description. The maths is in `registry.ts`, which must hold the same keys. */
import { fixed } from './fixed/about';
import { hintDynamic } from './hint-dynamic/about';

export const weightingAbouts = { fixed, 'hint-dynamic': hintDynamic } as const;
export type WeightingId = keyof typeof weightingAbouts;
