/** The maths of every hint; a hint without one is a compile error. */
import type { HintId } from './abouts';
import type { HintFactory } from './hint';
import { createAt } from './at/loss';
import { createCc } from './cc/loss';
import { createDist } from './dist/loss';
import { createDkd } from './dkd/loss';
import { createFitnet } from './fitnet/loss';
import { createKd } from './kd/loss';
import { createLogits } from './logits/loss';
import { createLskd } from './lskd/loss';
import { createNkd } from './nkd/loss';
import { createNst } from './nst/loss';
import { createPkt } from './pkt/loss';
import { createReview } from './review/loss';
import { createRkd } from './rkd/loss';
import { createSp } from './sp/loss';
import { createVid } from './vid/loss';
import { createWsld } from './wsld/loss';

export const hintFactories: Readonly<Record<HintId, HintFactory>> = {
  kd: createKd,
  dkd: createDkd,
  nkd: createNkd,
  wsld: createWsld,
  dist: createDist,
  lskd: createLskd,
  logits: createLogits,
  fitnet: createFitnet,
  review: createReview,
  at: createAt,
  nst: createNst,
  vid: createVid,
  sp: createSp,
  rkd: createRkd,
  pkt: createPkt,
  cc: createCc,
};
