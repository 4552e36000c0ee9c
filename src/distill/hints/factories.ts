/** The maths of every hint. Written by `npm run lists` from the folders beside it. */
import type { hintAbouts, HintId } from './abouts';
import type { HintFactory } from './hint';
import { createAb } from './ab/hint';
import { createAt } from './at/loss';
import { createBss } from './bss/hint';
import { createCc } from './cc/loss';
import { createCodes } from './codes/loss';
import { createCrd } from './crd/hint';
import { createCtkd } from './ctkd/hint';
import { createDfa } from './dfa/hint';
import { createDist } from './dist/loss';
import { createDkd } from './dkd/loss';
import { createDml } from './dml/loss';
import { createFfsd } from './ffsd/hint';
import { createFitnet } from './fitnet/loss';
import { createFsp } from './fsp/loss';
import { createFt } from './ft/hint';
import { createHolistic } from './holistic/hint';
import { createIntrospective } from './introspective/hint';
import { createKd } from './kd/loss';
import { createKdReverse } from './kd-reverse/loss';
import { createLogits } from './logits/loss';
import { createLs } from './ls/loss';
import { createLskd } from './lskd/loss';
import { createMld } from './mld/loss';
import { createMlld } from './mlld/hint';
import { createNkd } from './nkd/loss';
import { createNst } from './nst/loss';
import { createOfd } from './ofd/hint';
import { createPkt } from './pkt/loss';
import { createReview } from './review/loss';
import { createRkd } from './rkd/loss';
import { createSemckd } from './semckd/hint';
import { createSoftAnswers } from './soft-answers/loss';
import { createSp } from './sp/loss';
import { createTfkdReg } from './tfkd-reg/loss';
import { createTfkdSelf } from './tfkd-self/loss';
import { createVid } from './vid/loss';
import { createWsld } from './wsld/loss';

export const factories: { readonly [I in HintId]: HintFactory<(typeof hintAbouts)[I]['knobs']> } = {
  kd: createKd,
  dkd: createDkd,
  nkd: createNkd,
  wsld: createWsld,
  dist: createDist,
  lskd: createLskd,
  ctkd: createCtkd,
  mlld: createMlld,
  logits: createLogits,
  'soft-answers': createSoftAnswers,
  bss: createBss,
  dml: createDml,
  ls: createLs,
  'tfkd-reg': createTfkdReg,
  introspective: createIntrospective,
  'tfkd-self': createTfkdSelf,
  fitnet: createFitnet,
  review: createReview,
  at: createAt,
  nst: createNst,
  vid: createVid,
  codes: createCodes,
  ofd: createOfd,
  semckd: createSemckd,
  ft: createFt,
  ab: createAb,
  fsp: createFsp,
  dfa: createDfa,
  ffsd: createFfsd,
  sp: createSp,
  rkd: createRkd,
  pkt: createPkt,
  cc: createCc,
  crd: createCrd,
  holistic: createHolistic,
  mld: createMld,
  'kd-reverse': createKdReverse,
};
