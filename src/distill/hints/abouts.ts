/** Every hint's description. The losses are in `registry.ts`, which must hold the same keys. */
import { at } from './at/about';
import { fitnet } from './fitnet/about';
import { kd } from './kd/about';

export const hintAbouts = { kd, fitnet, at } as const;
export type HintId = keyof typeof hintAbouts;
export const hintIds = Object.keys(hintAbouts) as HintId[];
