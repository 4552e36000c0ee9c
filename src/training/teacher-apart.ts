/** A teacher of a plan where no run goes on: for exports, answers and measurements. */
import type { Feeds } from '../distill/modalities/input-source';
import type { FetchAsset, ImportedFiles } from './asset-readers';
import type { RunContext } from './context';
import type { Plan } from './plan';
import type { Teacher, TeacherKindModule, TeacherSetup, TeacherState } from './teachers/teacher';
import { teacherKinds } from './teachers/teacher-kinds';

/** Where its files come from. */
export interface TeacherFiles {
  fetchAsset: FetchAsset;
  importedFiles: ImportedFiles;
}

/** For parts of a run that take no step. */
export const contextApart = ({ recipe }: Plan): RunContext => ({
  recipe: () => recipe,
  stopRequested: () => false,
  traces: null,
  unrecorded: null,
  takeKnobEvents: () => [],
});

/** Its kind, and what building or restoring it takes; null where the recipe has none. */
export function teacherApart(
  plan: Plan,
  feeds: Feeds,
  { fetchAsset, importedFiles }: TeacherFiles,
): { module: TeacherKindModule; setup: TeacherSetup } | null {
  const { recipe, teaching, teacher } = plan;
  const { kind } = recipe.teacher;
  if (!teacher || kind === 'none') return null;
  const { normalisation } = feeds.teacher;
  const setup = {
    setting: teaching,
    plan: teacher,
    normalisation,
    context: contextApart(plan),
    fetchAsset,
    importedFiles,
  };
  return { module: teacherKinds[kind], setup };
}

/** A stored teacher as it is for this plan; the caller disposes it. Null where the recipe has none. */
export async function restoredTeacher(
  plan: Plan,
  feeds: Feeds,
  state: TeacherState,
  files: TeacherFiles,
): Promise<Teacher | null> {
  const apart = teacherApart(plan, feeds, files);
  return apart && apart.module.restore(apart.setup, state);
}
