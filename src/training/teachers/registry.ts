import type { TeacherKind } from '../../distill/teachers/abouts';
import { single } from './single';
import type { TeacherKindModule } from './teacher';

/** How every kind of teacher comes to be; nobody needs no making. A kind without one is a compile error. */
export const teacherKinds: Readonly<Record<Exclude<TeacherKind, 'none'>, TeacherKindModule>> = { single };
