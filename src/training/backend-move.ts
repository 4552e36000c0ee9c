import { backendTitles, type BackendFacts } from '../engine/backend-names';
import type { BackendMove, Phase, RunEvent } from './events';

const phaseWords: Record<Phase, string> = {
  teacher: ' of the teacher',
  prelude: ' of the initialisation stage',
  student: '',
};

/**
 * What a run tells when it goes on with another backend: a sentence, and the move for charts, files and the storage.
 * @param why a sentence
 * @param now what it goes on with
 * @param seenAt step that the sentence is shown at
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
