import type { TeacherKind } from '../../distill/teachers/abouts';
import { adapting } from './adapting';
import { ensemble } from './ensemble';
import { fusion } from './fusion';
import { granular } from './granular';
import { joint } from './joint';
import { peers } from './peers';
import { recorded } from './recorded';
import { route } from './route';
import { single } from './single';
import { specialists } from './specialists';
import type { TeacherKindModule } from './teacher';

/** The module of each kind of teacher (none for `none`). A missing kind is a compile error. */
export const teacherKinds: Readonly<Record<Exclude<TeacherKind, 'none'>, TeacherKindModule>> = {
  single,
  route,
  ensemble,
  specialists,
  granular,
  peers,
  joint,
  adapting,
  fusion,
  recorded,
};
