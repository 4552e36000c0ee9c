/** The losses in PyTorch, as text. Written by `npm run lists` from the folders beside it. */
import type { HintId } from './abouts';
import ab from './ab/torch.py?raw';
import at from './at/torch.py?raw';
import bss from './bss/torch.py?raw';
import cc from './cc/torch.py?raw';
import codes from './codes/torch.py?raw';
import crd from './crd/torch.py?raw';
import ctkd from './ctkd/torch.py?raw';
import dfa from './dfa/torch.py?raw';
import dist from './dist/torch.py?raw';
import dkd from './dkd/torch.py?raw';
import dml from './dml/torch.py?raw';
import ffsd from './ffsd/torch.py?raw';
import fitnet from './fitnet/torch.py?raw';
import fsp from './fsp/torch.py?raw';
import ft from './ft/torch.py?raw';
import holistic from './holistic/torch.py?raw';
import introspective from './introspective/torch.py?raw';
import kd from './kd/torch.py?raw';
import kdReverse from './kd-reverse/torch.py?raw';
import logits from './logits/torch.py?raw';
import ls from './ls/torch.py?raw';
import lskd from './lskd/torch.py?raw';
import mld from './mld/torch.py?raw';
import mlld from './mlld/torch.py?raw';
import nkd from './nkd/torch.py?raw';
import nst from './nst/torch.py?raw';
import ofd from './ofd/torch.py?raw';
import pkt from './pkt/torch.py?raw';
import review from './review/torch.py?raw';
import rkd from './rkd/torch.py?raw';
import semckd from './semckd/torch.py?raw';
import softAnswers from './soft-answers/torch.py?raw';
import sp from './sp/torch.py?raw';
import tfkdReg from './tfkd-reg/torch.py?raw';
import tfkdSelf from './tfkd-self/torch.py?raw';
import vid from './vid/torch.py?raw';
import wsld from './wsld/torch.py?raw';

export const torchSources: { readonly [I in HintId]?: string } = {
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
};
