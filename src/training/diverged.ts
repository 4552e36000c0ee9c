/** Detects a diverged loss and names the knob that is the most likely cause. */
import type { TeacherAbout } from '../distill/about';
import { teacherAbouts } from '../distill/teachers/abouts';
import type { ResolvedRecipe } from '../distill/hints/weights';
import type { StepEvent } from './step-metrics';
import { RunFailure } from './failure';

/** Above this a loss has diverged: some WebGPU drivers cannot represent NaN, so a bound is checked too. */
const bound = 1e7;

/** @throws RunFailure at the first step whose loss is not a number or above the bound */
export function refuseDiverged(
  events: readonly StepEvent[],
  recipe: ResolvedRecipe,
  hintKeys: readonly string[],
): void {
  const bad = events.find(({ values }) => Object.values(values).some((value) => !(Math.abs(value) < bound)));
  if (!bad) return;
  const { phase, step, learningRate, values } = bad;
  const spoiled = Object.entries(values).find(([, value]) => !(Math.abs(value) < bound))!;
  const what = Number.isFinite(spoiled[1]) ? 'grew too large' : 'is no longer a number';
  if (phase === 'teacher') {
    throw new RunFailure(
      `Stopped at step ${step} of the teacher: its loss ${what}. Most likely the teacher’s learning rate (${learningRate.toPrecision(3)} at this step) is too high; try a tenth of it.`,
      { knob: 'teacher.knobs.learningRate', step },
    );
  }
  const own = ownRateOfTeacher(recipe);
  // Its steps come before the student's in the same pass, whose own loss is then still a number.
  if (own !== null && Math.abs(values['ce'] ?? NaN) < bound && !(Math.abs(values['total'] ?? NaN) < bound)) {
    throw new RunFailure(
      `Stopped at step ${step}: the loss ${what} (“${spoiled[0]}”), and the student’s own is sound. Most likely the learning rate of the teacher (${own}) is too high; try a tenth of it.`,
      { knob: 'teacher.knobs.learningRate', step },
    );
  }
  const heavy = heaviestHint(events, recipe, hintKeys);
  const likely = heavy
    ? `Most likely the weight of “${heavy.key}” (${heavy.weight}) is too high: it made up ${Math.round(heavy.part * 100)} % of the loss before. Try a tenth of it.`
    : `Most likely the learning rate (${learningRate.toPrecision(3)} at this step) is too high; try a tenth of it.`;
  throw new RunFailure(`Stopped at step ${step}: the loss ${what} (“${spoiled[0]}”). ${likely}`, {
    knob: heavy ? `hints.${heavy.index}.weight` : 'schedule.learningRate',
    step,
  });
}

/** The rate of a teacher that learns in the student's steps at a rate of its own; null for others. */
function ownRateOfTeacher({ teacher: { kind, knobs } }: ResolvedRecipe): number | null {
  const about: TeacherAbout | undefined = kind === 'none' ? undefined : teacherAbouts[kind];
  return about?.learnsBeside && typeof knobs.learningRate === 'number' ? knobs.learningRate : null;
}

/** The hint with more than 90 % of the total loss at the first finite step, if its weight is above 10; else null. */
function heaviestHint(events: readonly StepEvent[], recipe: ResolvedRecipe, hintKeys: readonly string[]) {
  const sound = events.find(({ values }) => Object.values(values).every(Number.isFinite));
  if (!sound) return null;
  const total = sound.values['total'] ?? 0;
  const parts = hintKeys.map((key, index) => ({
    key,
    index,
    weight: recipe.hints[index]!.weight,
    part: (sound.values[`${key}·w`] ?? 0) / total,
  }));
  return parts.find(({ part, weight }) => part > 0.9 && weight > 10) ?? null;
}
