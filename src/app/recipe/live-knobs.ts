import { hintAbouts } from '../../distill/hints/abouts';
import type { Knob, Knobs, KnobValues } from '../../distill/knobs';
import { publishedNumber } from '../../distill/hints/weights';
import { hintEntryKnobs, objectiveKnobs, type Recipe } from '../../distill/recipe';
import { scheduleKnobs } from '../../distill/schedule/about';
import { teacherAbouts } from '../../distill/teachers/abouts';
import { weightingAbouts } from '../../distill/weighting/abouts';
import { hintTitle } from './diff';

export interface LiveKnob {
  path: string;
  knob: Knob;
  /** The knob's label, and the hint's before it where there are several. */
  label: string;
  /** The number that a word in place of one stands for. */
  standsFor?: number;
}

/**
 * The knobs of a recipe that act on the next step of a running run, those for special purposes left out.
 * @param image [h,w,...] of the student's input, where it is known
 */
export function liveKnobs(
  { objective, hints, teacher, weighting, schedule }: Recipe,
  image?: readonly number[],
): LiveKnob[] {
  const live = (path: string, knobs: Knobs, values: KnobValues, of = ''): LiveKnob[] =>
    Object.entries(knobs)
      .filter(([, knob]) => knob.live && !knob.advanced && (knob.when?.(values) ?? true))
      .map(([name, knob]) => ({ path: `${path}.${name}`, knob, label: of + knob.label }));
  return [
    ...hints.flatMap((entry, index) => {
      const of = hints.length > 1 ? `${hintTitle(entry)}: ` : '';
      const { weight, knobs } = entry;
      return [
        ...live(`hints.${index}`, { weight: hintEntryKnobs.weight }, { weight }, of).map((known) => ({
          ...known,
          standsFor: publishedNumber(entry, image),
        })),
        ...live(`hints.${index}.knobs`, hintAbouts[entry.id].knobs, knobs, of),
      ];
    }),
    ...live('objective', objectiveKnobs, objective),
    ...live('schedule', scheduleKnobs, schedule),
    ...live('weighting.knobs', weightingAbouts[weighting.id].knobs, weighting.knobs),
    ...live('teacher.knobs', teacherAbouts[teacher.kind].knobs, teacher.knobs),
  ];
}
