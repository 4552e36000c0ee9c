/** Every kind of teacher's description. How each is built is in `training/teachers`, which must hold the same kinds. */
import { adapting } from './adapting/about';
import { ensemble } from './ensemble/about';
import { fusion } from './fusion/about';
import { granular } from './granular/about';
import { joint } from './joint/about';
import { none } from './none/about';
import { peers } from './peers/about';
import { route } from './route/about';
import { single } from './single/about';
import { specialists } from './specialists/about';

export const teacherAbouts = {
  single,
  route,
  ensemble,
  specialists,
  granular,
  peers,
  joint,
  adapting,
  fusion,
  none,
} as const;
export type TeacherKind = keyof typeof teacherAbouts;
