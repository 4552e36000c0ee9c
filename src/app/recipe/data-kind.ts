/** What of the forms and lists means nothing for the data at hand, each with the reason. */
import { modalityAbouts } from '../../distill/modalities/about';
import { hintAbouts } from '../../distill/hints/abouts';
import { neededInstead, refusedInputs, refusedTargets, targetNames } from '../../distill/hints/refusal';
import { appliesTo, type Knob, type Knobs, type KnobValues } from '../../distill/knobs';
import type { HintAbout, TeacherAbout } from '../../distill/about';
import { refusedTeacher } from '../../distill/target-refusal';
import type { MethodAbout } from '../../distill/methods/abouts';
import type { Recipe } from '../../distill/recipe';
import { teacherAbouts } from '../../distill/teachers/abouts';
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
  return `Not for ${unfitKind(hidden, kind)}, and hidden: ${hidden.map(({ label }) => label).join('; ')}.`;
}

/** Why a knob that stands outside of a form means nothing for the data; null where it does. */
export function unfitText(knob: Knob, set: SetShape | null): string | null {
  if (!set || appliesTo(knob, kindOf(set))) return null;
  return `Not for ${unfitKind([knob], kindOf(set))}, and ignored.`;
}

/** What of the data it is that makes some knobs mean nothing. */
function unfitKind(knobs: readonly Knob[], kind: ReturnType<typeof kindOf>): string {
  const byInput = knobs.some((knob) => knob.for?.inputs?.includes(kind.input) === false);
  if (!byInput) return `targets that are ${targetNames[kind.target]}`;
  return kind.input === 'vector' ? 'a table' : 'images';
}

/** As `appliesTo` asks for it. */
export function kindOf({ input, target }: SetShape) {
  return { input: input.length === 1 ? ('vector' as const) : ('image' as const), target };
}

/** Why a loss cannot be had for this data; null where it can, or nothing is known of it. */
export function lossRefusal(about: HintAbout, set: SetShape | null): string | null {
  return set && (refusedTargets(about, set.target) ?? refusedInputs(about, kindOf(set).input));
}

/** The same in short. */
export function lossNeeds(about: HintAbout, set: SetShape | null): string | null {
  return set && neededInstead(about, kindOf(set));
}

/** Why a kind of teacher cannot be had for this data; null where it can, or nothing is known of it. */
export function teacherRefusal(about: TeacherAbout, set: SetShape | null): string | null {
  return set && refusedTeacher(about, set.target);
}

/** The first reason why a method, its teacher or one of its losses cannot be had for this data. */
export function methodRefusal(method: MethodAbout, recipe: Recipe, set: SetShape | null): string | null {
  if (set && method.inputs && !method.inputs.includes(kindOf(set).input))
    return `“${method.title}” is for ${method.inputs.map((kind) => modalityAbouts[kind].many).join(' or ')}, and this set is ${set.input.length === 1 ? 'a table' : 'one of images'}.`;
  const { teacher, hints } = method.apply(recipe);
  const why = teacherRefusal(teacherAbouts[teacher.kind], set);
  if (why) return why;
  for (const { id } of hints) {
    const why = lossRefusal(hintAbouts[id], set);
    if (why) return why;
  }
  return null;
}

/** Why a network cannot take this data, as student or as teacher; null where it can. */
export function networkRefusal(
  name: string,
  set: SetShape | null,
  role: 'student' | 'teacher',
): string | null {
  if (!set) return null;
  const { input, teaching = input, outputs } = set;
  const description = describeNetwork(name, role === 'student' ? input : teaching, outputs);
  return 'problem' in description ? description.problem : null;
}
