/** Builds the export bundle of a stored run from its weights and recipe. */
import type { Dataset } from '../data/dataset';
import type { Recipe } from '../distill/recipe';
import { leavesAsAnswers } from '../distill/teachers/abouts';
import { readSafetensors } from '../nn/safetensors';
import type { ImportedFiles, SetSources } from './asset-readers';
import { RunFailure } from './failure';
import type { ExportBundle } from './export-bundle';
import { buildExportBundle } from './build-export-bundle';
import { withPictures } from './generation/fill';
import type { Generated } from './generation/generation';
import { withOtherImages } from './other-images';
import { feedsOf, planRun } from './plan';
import { createStudentNetwork } from './student-network';
import { StudentPhase, type StudentState } from './student-phase';
import { contextApart, restoredTeacher } from './teacher-apart';
import type { Teacher, TeacherState } from './teachers/teacher';
import { teacherStateOf } from './write-weights';

export interface StoredRunParts {
  recipe: Recipe;
  dataset: Dataset;
  /** A file of the student's weights. */
  student: Uint8Array;
  /** A file of the teacher's weights, or its part of a saved state; null when it has none of its own. */
  teacher: Uint8Array | TeacherState | null;
  /** The student's part of a saved state with the same weights, from which the run can go on; null without one. */
  students?: StudentState | null;
  /** Pictures that the run has generated, out of a saved state; null where it has none, or they are not stored. */
  generated?: Generated | null;
}

/**
 * Needs a backend; leaves no tensor.
 * @throws RunFailure, Error when the parts do not belong together
 */
export async function storedExportBundle(
  { recipe, dataset, student, teacher: stored, students = null, generated = null }: StoredRunParts,
  help: SetSources & { importedFiles: ImportedFiles },
): Promise<ExportBundle> {
  const whole = planRun(recipe, await withOtherImages(dataset, recipe, help));
  if (whole.generation && !generated)
    throw new RunFailure(
      'The pictures that this run has generated are not stored, so it cannot go on in PyTorch. They are at hand until another run begins.',
    );
  const plan = whole.generation && generated ? withPictures(whole, whole.generation, generated.kept) : whole;
  const network = createStudentNetwork(plan, readSafetensors(student));
  let teacher: Teacher | null = null;
  let phase: StudentPhase | null = null;
  try {
    const saved = stored instanceof Uint8Array ? teacherStateOf(plan, stored) : stored;
    // What answers from files has no state of its own.
    const state = saved ?? (leavesAsAnswers(plan.recipe.teacher) ? { networks: [] } : null);
    if (plan.teacher && !state)
      throw new RunFailure('The teacher of this run is not stored, so it cannot go on in PyTorch.');
    const feeds = feedsOf(plan);
    teacher = state && (await restoredTeacher(plan, feeds, state, help));
    if (students && students.stepsDone < plan.recipe.schedule.steps) {
      phase = new StudentPhase(plan, contextApart(plan), feeds, teacher, new Int32Array());
      phase.restore(students);
    }
    const stopped = phase && (await phase.leaves());
    return await buildExportBundle({ plan, feeds, teacher, student: network, weights: null, stopped });
  } finally {
    phase?.dispose();
    teacher?.dispose();
    network.dispose();
  }
}
