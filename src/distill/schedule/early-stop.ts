/** Early-stopped distillation (ESKD): from a share of the run on the student learns from its labels alone. */
import type { ValuesOf } from '../knobs';
import type { scheduleKnobs } from './about';

/** What of a recipe it changes. */
interface Objective {
  schedule: ValuesOf<typeof scheduleKnobs>;
  objective: { ceWeight: number };
  hints: readonly { weight: unknown }[];
}

/** Whether the distillation losses still count after so many steps. */
export function isDistilled({ schedule }: Pick<Objective, 'schedule'>, stepsDone: number): boolean {
  return stepsDone / schedule.steps < schedule.distilUntil / 100 || schedule.distilUntil === 100;
}

/** The recipe as the next step takes it: the same one, or without weights on its losses and with weight 1 on the labels. */
export function asDistilled<R extends Objective>(recipe: R, stepsDone: number): R {
  if (isDistilled(recipe, stepsDone)) return recipe;
  return {
    ...recipe,
    objective: { ...recipe.objective, ceWeight: 1 },
    hints: recipe.hints.map((entry) => ({ ...entry, weight: 0 })),
  };
}
