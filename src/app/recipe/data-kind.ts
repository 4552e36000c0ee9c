/** What of the forms and lists means nothing for the data at hand, each with the reason. */
import { hintAbouts } from '../../distill/hints/abouts';
import { refusedTargets, targetNames } from '../../distill/hints/refusal';
import { appliesTo, type Knobs, type KnobValues } from '../../distill/knobs';
import type { HintAbout } from '../../distill/about';
import type { MethodAbout } from '../../distill/methods/abouts';
import type { Recipe } from '../../distill/recipe';
import { describeNetwork } from '../../nn/describe';
import { useData, useRecipe } from '../store/hooks';
import type { SetShape } from './propose-pair';
import { shapeOf } from './set-shape';

/** Of the recipe's data set; null while the user's own set is not there. */
export function useSetShape(): SetShape | null {
  const recipe = useRecipe((state) => state.recipe);
  const upload = useData((state) => state.upload);
  return shapeOf(recipe, upload);
}

/** Labels of knobs that are hidden because of the data, in a sentence; null where there are none. */
export function hiddenText(knobs: Knobs, values: KnobValues, set: SetShape | null): string | null {
  if (!set) return null;
  const kind = kindOf(set);
  const hidden = Object.values(knobs).filter(
    (knob) => !appliesTo(knob, kind) && (knob.when?.(values) ?? true),
  );
  if (hidden.length === 0) return null;
  const byInput = hidden.some(
    (knob) => !appliesTo({ ...knob, for: { inputs: knob.for?.inputs ?? [kind.input] } }, kind),
  );
  const what =
    byInput && kind.input === 'vector' ? 'a table' : `targets that are ${targetNames[kind.target]}`;
  return `Not for ${what}, and hidden: ${hidden.map(({ label }) => label).join(', ')}.`;
}

/** As `appliesTo` asks for it. */
export function kindOf({ input, target }: SetShape) {
  return { input: input.length === 1 ? ('vector' as const) : ('image' as const), target };
}

/** Why a loss cannot be had for these targets; null where it can, or nothing is known of them. */
export function lossRefusal(about: HintAbout, set: SetShape | null): string | null {
  return set && refusedTargets(about, set.target);
}

/** The first reason why a method's losses cannot be had for these targets. */
export function methodRefusal(method: MethodAbout, recipe: Recipe, set: SetShape | null): string | null {
  for (const { id } of method.apply(recipe).hints) {
    const why = lossRefusal(hintAbouts[id], set);
    if (why) return why;
  }
  return null;
}

/** Why a network cannot take this data; null where it can. */
export function networkRefusal(name: string, set: SetShape | null): string | null {
  if (!set) return null;
  const description = describeNetwork(name, set.input, set.outputs);
  return 'problem' in description ? description.problem : null;
}
