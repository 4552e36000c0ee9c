/** Why a recipe cannot be had for a kind of targets: what its teacher and losses declare. No tensor. */
import type { HintAbout, TargetKind, TeacherAbout } from './about';
import { hintAbouts } from './hints/abouts';
import { refusedTargets, targetNames } from './hints/refusal';
import type { Recipe } from './recipe';
import { teacherAbouts } from './teachers/abouts';

/** Why a kind of teacher cannot be had for such targets, and what works instead; else null. */
export function refusedTeacher({ title, targets }: TeacherAbout, target: TargetKind): string | null {
  if (!targets || targets.includes(target)) return null;
  return `This set’s targets are ${targetNames[target]}; “${title}” needs ${targets.map((one) => targetNames[one]).join(' or ')}. Take one teacher, an ensemble or a route.`;
}

/** A sentence that says what works instead, with the knob to change; null where all of them take such targets. */
export function targetRefusal(
  { teacher: { kind }, hints }: Pick<Recipe, 'teacher' | 'hints'>,
  target: TargetKind,
): { message: string; knob: string } | null {
  if (kind !== 'none') {
    const message = refusedTeacher(teacherAbouts[kind], target);
    if (message) return { message, knob: 'teacher.kind' };
  }
  for (const [index, { id }] of hints.entries()) {
    const about: HintAbout = hintAbouts[id];
    const message = refusedTargets(about, target);
    if (message) return { message, knob: `hints.${index}.weight` };
  }
  return null;
}
