/** The methods of the picker that lie in the folders of their hints. Written by `npm run lists` from the folders beside it. */
import type { MethodEntry } from '../methods/method';
import { methods as ab } from './ab/method';
import { methods as at } from './at/method';
import { methods as bss } from './bss/method';
import { methods as cc } from './cc/method';
import { methods as crd } from './crd/method';
import { methods as ctkd } from './ctkd/method';
import { methods as dfa } from './dfa/method';
import { methods as dist } from './dist/method';
import { methods as dkd } from './dkd/method';
import { methods as fitnet } from './fitnet/method';
import { methods as fsp } from './fsp/method';
import { methods as ft } from './ft/method';
import { methods as holistic } from './holistic/method';
import { methods as introspective } from './introspective/method';
import { methods as kd } from './kd/method';
import { methods as kdReverse } from './kd-reverse/method';
import { methods as logits } from './logits/method';
import { methods as ls } from './ls/method';
import { methods as lskd } from './lskd/method';
import { methods as mld } from './mld/method';
import { methods as mlld } from './mlld/method';
import { methods as nkd } from './nkd/method';
import { methods as nst } from './nst/method';
import { methods as ofd } from './ofd/method';
import { methods as pkt } from './pkt/method';
import { methods as review } from './review/method';
import { methods as rkd } from './rkd/method';
import { methods as semckd } from './semckd/method';
import { methods as sp } from './sp/method';
import { methods as tfkdReg } from './tfkd-reg/method';
import { methods as tfkdSelf } from './tfkd-self/method';
import { methods as vid } from './vid/method';
import { methods as wsld } from './wsld/method';

export const methodsOfHints: readonly MethodEntry[] = [
  ...kd,
  ...dkd,
  ...nkd,
  ...wsld,
  ...dist,
  ...lskd,
  ...ctkd,
  ...mlld,
  ...logits,
  ...bss,
  ...ls,
  ...tfkdReg,
  ...introspective,
  ...tfkdSelf,
  ...fitnet,
  ...review,
  ...at,
  ...nst,
  ...vid,
  ...ofd,
  ...semckd,
  ...ft,
  ...ab,
  ...fsp,
  ...dfa,
  ...sp,
  ...rkd,
  ...pkt,
  ...cc,
  ...crd,
  ...holistic,
  ...mld,
  ...kdReverse,
];
