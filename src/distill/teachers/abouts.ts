/** Every kind of teacher's description. */
import { none } from './none/about';
import { single } from './single/about';

export const teacherAbouts = { single, none } as const;
export type TeacherKind = keyof typeof teacherAbouts;
