/** Which modules of the project compute a recipe: names of files in `project`, without their ending. */
import type { HintAbout } from '../../distill/about';
import { hintAbouts } from '../../distill/hints/abouts';
import type { Recipe } from '../../distill/recipe';
import { leavesAsAnswers } from '../../distill/teachers/abouts';
import { recordedTakeTurns } from '../../distill/teachers/recorded/about';

/** Of an id: "kd-reverse" is `kd_reverse`. */
export const moduleName = (id: string): string => id.replaceAll('-', '_');

/** In `teachers`, and null without a teacher. */
function teacherModule({ teacher }: Recipe): string | null {
  switch (teacher.kind) {
    case 'none':
      return null;
    case 'ensemble':
      return teacher.knobs['mode'] === 'average' ? 'frozen' : 'turns';
    case 'route':
    case 'peers':
    case 'joint':
    case 'fusion':
    case 'adapting':
      return teacher.kind;
    case 'recorded':
      return recordedTakeTurns(teacher.knobs) ? 'recorded_turns' : 'recorded';
    case 'single':
    case 'specialists':
    case 'granular':
      return leavesAsAnswers(teacher) ? 'recorded' : 'frozen';
  }
}

export interface Modules {
  teacher: string | null;
  /** Whether a loss trains something before the student's own training. */
  hasPrelude: boolean;
}

export function modulesOf(recipe: Recipe): Modules {
  const { steps } = recipe.schedule;
  const hasPrelude = recipe.hints.some(
    ({ id, knobs }) => ((hintAbouts[id] as HintAbout).preludeSteps?.(knobs, steps) ?? 0) > 0,
  );
  return { teacher: teacherModule(recipe), hasPrelude };
}
