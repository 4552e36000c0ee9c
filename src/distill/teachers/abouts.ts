/** Every kind of teacher's description. How each is built is in `training/teachers`, which must hold the same kinds. */
import type { TeacherAbout } from '../about';
import type { KnobValues } from '../knobs';
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
import { bundledTeachers, single } from './single/about';
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

/** Whether it leaves the page as its answers to each instance of the set, since there is no network of it to save. */
export function leavesAsAnswers(teacher: Given): boolean {
  const about: TeacherAbout = teacherAbouts[teacher.kind];
  return answersByRows(teacher) || (about.answersAlone?.(teacher.knobs) ?? false);
}

/** Whether it comes from a user's files. */
export function comesFromFiles({ kind, knobs }: Given): boolean {
  const about: TeacherAbout = teacherAbouts[kind];
  return about.fromFiles?.(knobs) ?? false;
}

/** Whether it has networks of this page, whose weights can be saved, counted and gone on with. */
export function hasNetworks(teacher: Given): boolean {
  return teacher.kind !== 'none' && !leavesAsAnswers(teacher);
}

/** What was found in a user's files, as far as a recipe names it. */
export interface TeacherOfFiles {
  /** Checksum of the files. */
  id: string;
  network: string;
  normalisation: { mean: number; deviation: number };
  answers: 'logits' | 'log-probabilities' | 'probabilities';
  /** Where a network has learned other classes: how many. */
  otherClasses?: number;
  /** One for each teacher, where the files hold answers. */
  members?: readonly unknown[];
  /** Features beside the answers (`recorded/maps.ts`). */
  maps?: string;
}

/**
 * The kind of teacher that it is, and its knobs by name.
 * @param line networks that taught one after the other to make it, itself the last; "" where it is not known
 */
export function knobsOfFiles(
  { id, network, normalisation, answers, otherClasses = 0, members, maps = '' }: TeacherOfFiles,
  line = '',
): { kind: 'single' | 'recorded'; knobs: KnobValues } {
  if (members)
    return {
      kind: 'recorded',
      knobs: {
        file: id,
        fileMembers: members.length,
        fileAnswers: answers,
        fileMaps: maps,
        fileLine: line,
      },
    };
  return {
    kind: 'single',
    knobs: {
      source: 'file',
      file: id,
      fileNetwork: network,
      fileAnswers: answers,
      fileClasses: otherClasses,
      fileMean: normalisation.mean,
      fileDeviation: normalisation.deviation,
      fileLine: line,
    },
  };
}

/** Between the networks of a line. */
export const lineArrow = ' → ';

/** Networks that teach one after the other, the recipe's teacher the last; none without a teacher. */
export function teacherLine({ teacher }: Pick<Recipe, 'teacher'>): string[] {
  const { kind, knobs } = teacher;
  if (kind === 'none') return [];
  const { fileLine = '', source, fileNetwork, network } = knobs;
  if (comesFromFiles(teacher)) {
    if (fileLine !== '') return fileLine.split(lineArrow);
    return [hasNetworks(teacher) ? fileNetwork! : 'a teacher from a file'];
  }
  if (kind !== 'single') return [teacherAbouts[kind].title];
  const isBundled = source !== undefined && source !== 'train' && source !== 'file';
  return [isBundled ? bundledTeachers[source].network : network!];
}

/** The same up to a network of a run of the recipe, itself the last. @param learner as events name it */
export function lineUpTo(recipe: Pick<Recipe, 'teacher' | 'student' | 'hints'>, learner: string): string[] {
  if (learner === 'teacher') return teacherLine(recipe);
  const { network } = recipe.student;
  const isTaught = (learner === 'student' && recipe.hints.length > 0) || learner === 'hard';
  return isTaught ? [...teacherLine(recipe), network] : [network];
}
