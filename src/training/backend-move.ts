import { backendTitles, kernelVersions, type BackendFacts, type BackendName } from '../engine/backend-names';
import type { Checkpoint } from './checkpoint';
import type { BackendMove, Phase, RunEvent } from './events';
import type { Plan } from './plan';

const phaseWords: Record<Phase, string> = {
  teacher: ' of the teacher',
  generator: ' of the generator',
  prelude: ' of the initialisation stage',
  student: '',
};

/**
 * Events of a move to another backend: a warning, and the move for charts, files and the storage.
 * @param why a sentence
 * @param now the new backend
 * @param seenAt step of the warning
 */
export function moveEvents(
  why: string,
  { name, device }: BackendFacts,
  place: Omit<BackendMove, 'to'>,
  seenAt = place.step,
): RunEvent[] {
  const { phase, step } = place;
  const text = `${why} The run goes on with ${backendTitles[name]} from step ${step}${phaseWords[phase]}; its last digits differ.`;
  return [
    { type: 'warning', step: seenAt, text },
    { type: 'backend', name, device, move: { ...place, to: name } },
  ];
}

/**
 * A warning where the backend's kernels have changed since a run was saved, which then goes on with the new ones.
 * @param saved the version in the checkpoint
 */
export function kernelsChanged(name: BackendName, saved: number | undefined, step: number): RunEvent[] {
  if ((saved ?? 1) === kernelVersions[name]) return [];
  const text = `This page computes on ${backendTitles[name]} in other kernels than the one that saved the run. From step ${step} its last digits differ from those of a run without the interruption.`;
  return [{ type: 'warning', step, text }];
}

/** The step after a checkpoint; without one, the first step of the run. */
export function nextStep(
  facts: Plan['facts'],
  saved: Checkpoint | null,
): Pick<BackendMove, 'phase' | 'step'> {
  const { students = null, teacher = null, told = {}, generating, generated } = saved ?? {};
  if (students && !students.prelude) return { phase: 'student', step: students.stepsDone + 1 };
  const first: Phase = facts.preludeSteps > 0 ? 'prelude' : 'student';
  const prepared = teacher !== null || facts.teacherSteps === 0;
  const next = facts.generatorSteps && !generated ? 'generator' : first;
  const phase = students ? 'prelude' : prepared || generating ? next : 'teacher';
  return { phase, step: phase === 'student' ? 1 : (told[`step/${phase}`] ?? 0) + 1 };
}
