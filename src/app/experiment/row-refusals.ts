/** Which rows of an experiment cannot be trained, because an axis changes the data or a network under its method. */
import { methods } from '../../distill/methods/abouts';
import { teacherAbouts } from '../../distill/teachers/abouts';
import type { TeacherAbout } from '../../distill/about';
import type { Experiment, ExperimentEntry } from '../../experiment/experiment';
import type { SetAbout } from '../../storage/set-handle';
import { methodRefusal, networkRefusal } from '../recipe/data-kind';
import { teacherFits } from '../recipe/edits';
import { shapeOf } from '../recipe/set-shape';

/** For each entry the reason as a sentence, or null. */
export function rowRefusals({ entries }: Experiment, upload: SetAbout | null): (string | null)[] {
  // Networks are described once for all rows that share them.
  const known = new Map<string, string | null>();
  return entries.map((entry) => {
    const { material, teacher, student } = entry.recipe;
    const { network, source } = teacher.knobs;
    const key = JSON.stringify([entry.method, material, teacher.kind, network, source, student.network]);
    const before = known.get(key);
    if (before !== undefined) return before;
    const why = refusalOf(entry, upload);
    known.set(key, why);
    return why;
  });
}

function refusalOf({ method, recipe }: ExperimentEntry, upload: SetAbout | null): string | null {
  const { teacher, material } = recipe;
  const set = shapeOf(recipe, upload);
  if (!set)
    return material.dataset === 'upload'
      ? 'It is for your own data. Drop the files on the page first.'
      : `“${material.dataset}” is no data set of this page.`;
  const about = methods.find(({ id }) => id === method);
  const ofMethod = about ? methodRefusal(about, recipe, set) : null;
  if (ofMethod) return ofMethod;
  const { source, network } = teacher.knobs;
  const isBundled = source !== undefined && source !== 'train' && source !== 'file';
  if (isBundled && !teacherFits(source, recipe))
    return 'The ready-made teacher is for other data. Choose in the recipe that the teacher is trained here.';
  const { trainedBefore }: TeacherAbout = teacherAbouts[teacher.kind];
  const ofTeacher =
    network !== undefined && trainedBefore?.(teacher.knobs) ? networkRefusal(network, set, 'teacher') : null;
  return networkRefusal(recipe.student.network, set, 'student') ?? ofTeacher;
}
