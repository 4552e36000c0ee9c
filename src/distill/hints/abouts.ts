/** Every hint’s description, in the order of the forms. Written by `npm run lists` from the folders beside it. */
import { ab } from './ab/about';
import { at } from './at/about';
import { bss } from './bss/about';
import { cc } from './cc/about';
import { codes } from './codes/about';
import { crd } from './crd/about';
import { ctkd } from './ctkd/about';
import { dfa } from './dfa/about';
import { dist } from './dist/about';
import { dkd } from './dkd/about';
import { dml } from './dml/about';
import { ffsd } from './ffsd/about';
import { fitnet } from './fitnet/about';
import { fsp } from './fsp/about';
import { ft } from './ft/about';
import { holistic } from './holistic/about';
import { introspective } from './introspective/about';
import { kd } from './kd/about';
import { kdReverse } from './kd-reverse/about';
import { logits } from './logits/about';
import { ls } from './ls/about';
import { lskd } from './lskd/about';
import { mld } from './mld/about';
import { mlld } from './mlld/about';
import { nkd } from './nkd/about';
import { nst } from './nst/about';
import { ofd } from './ofd/about';
import { pkt } from './pkt/about';
import { review } from './review/about';
import { rkd } from './rkd/about';
import { semckd } from './semckd/about';
import { softAnswers } from './soft-answers/about';
import { sp } from './sp/about';
import { tfkdReg } from './tfkd-reg/about';
import { tfkdSelf } from './tfkd-self/about';
import { vid } from './vid/about';
import { wsld } from './wsld/about';

export const hintAbouts = {
  kd,
  dkd,
  nkd,
  wsld,
  dist,
  lskd,
  ctkd,
  mlld,
  logits,
  'soft-answers': softAnswers,
  bss,
  dml,
  ls,
  'tfkd-reg': tfkdReg,
  introspective,
  'tfkd-self': tfkdSelf,
  fitnet,
  review,
  at,
  nst,
  vid,
  codes,
  ofd,
  semckd,
  ft,
  ab,
  fsp,
  dfa,
  ffsd,
  sp,
  rkd,
  pkt,
  cc,
  crd,
  holistic,
  mld,
  'kd-reverse': kdReverse,
} as const;
export type HintId = keyof typeof hintAbouts;
export const hintIds = Object.keys(hintAbouts) as HintId[];

/** Hints whose loss is written in PyTorch too (`torch.py`). */
export const hintsInTorch: readonly HintId[] = [
  'kd',
  'dkd',
  'nkd',
  'wsld',
  'dist',
  'lskd',
  'ctkd',
  'mlld',
  'logits',
  'soft-answers',
  'bss',
  'dml',
  'ls',
  'tfkd-reg',
  'introspective',
  'tfkd-self',
  'fitnet',
  'review',
  'at',
  'nst',
  'vid',
  'codes',
  'ofd',
  'semckd',
  'ft',
  'ab',
  'fsp',
  'dfa',
  'ffsd',
  'sp',
  'rkd',
  'pkt',
  'cc',
  'crd',
  'holistic',
  'mld',
  'kd-reverse',
];
