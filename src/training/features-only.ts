/** A teacher that has learned other targets than the set's: what asks it for answers is refused. */
import { materialKnobs } from '../distill/material/about';
import { objectiveKnobs, type Recipe } from '../distill/recipe';
import { RunFailure } from './failure';

/** @throws RunFailure with the knob to change. Losses are refused by what they declare to read (`distill/hints/refusal.ts`). */
export function refuseWithoutAnswers({ objective, teacher, material }: Recipe): void {
  const asking = (what: string, knob: string) =>
    new RunFailure(
      `${what} asks the teacher for its answers, and it has learned other classes than those of this set, so that it has none here. Turn it off, or take a teacher of these classes.`,
      { knob },
    );
  if (objective.hardAnswers) throw asking(`“${objectiveKnobs.hardAnswers.label}”`, 'objective.hardAnswers');
  if (teacher.knobs.corruption === 'rotated') throw asking('Corrupting it', 'teacher.knobs.corruption');
  if (material.unlabelled === 0) return;
  if (material.unlabelledFrom === 'stimuli' && material.balance)
    throw asking(`“${materialKnobs.balance.label}”`, 'material.balance');
  if (material.unlabelledFrom === 'generated' && material.useFilter)
    throw asking(`“${materialKnobs.useFilter.label}”`, 'material.useFilter');
}
