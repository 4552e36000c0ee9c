/** Every kind of teacher's description. How each is built is in `training/teachers`, which must hold the same kinds. */
import type { TeacherAbout } from '../about';
import type { Recipe } from '../recipe';
import { adapting } from './adapting/about';
import { ensemble } from './ensemble/about';
import { fusion } from './fusion/about';
import { granular } from './granular/about';
import { joint } from './joint/about';
import { none } from './none/about';
import { peers } from './peers/about';
import { recorded } from './recorded/about';
import { route } from './route/about';
import { isForeignModel, single } from './single/about';
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
  recorded,
  none,
} as const;
export type TeacherKind = keyof typeof teacherAbouts;

type Given = Pick<Recipe['teacher'], 'kind' | 'knobs'>;

/** Whether a recipe's teacher answers by rows of the set (`TeacherAbout.byRows`). */
export function answersByRows({ kind, knobs }: Given): boolean {
  const about: TeacherAbout = teacherAbouts[kind];
  return about.byRows?.(knobs) ?? false;
}

/** Whether it has networks of this page, whose weights can be saved, counted and gone on with. */
export function hasNetworks(teacher: Given): boolean {
  return teacher.kind !== 'none' && !isForeignModel(teacher) && !answersByRows(teacher);
}
