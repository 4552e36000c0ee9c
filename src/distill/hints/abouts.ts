/** Every hint's description, in the order of the forms. The losses are in `registry.ts`, which must hold the same keys. */
import { at } from './at/about';
import { cc } from './cc/about';
import { dist } from './dist/about';
import { dkd } from './dkd/about';
import { fitnet } from './fitnet/about';
import { kd } from './kd/about';
import { logits } from './logits/about';
import { lskd } from './lskd/about';
import { nkd } from './nkd/about';
import { nst } from './nst/about';
import { pkt } from './pkt/about';
import { review } from './review/about';
import { rkd } from './rkd/about';
import { sp } from './sp/about';
import { vid } from './vid/about';
import { wsld } from './wsld/about';

export const hintAbouts = {
  kd,
  dkd,
  nkd,
  wsld,
  dist,
  lskd,
  logits,
  fitnet,
  review,
  at,
  nst,
  vid,
  sp,
  rkd,
  pkt,
  cc,
} as const;
export type HintId = keyof typeof hintAbouts;
export const hintIds = Object.keys(hintAbouts) as HintId[];
