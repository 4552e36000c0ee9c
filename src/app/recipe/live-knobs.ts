import { hintAbouts } from '../../distill/hints/abouts';
import { appliesTo, knobFor, type Knob, type Knobs, type KnobValues } from '../../distill/knobs';
import { publishedNumber } from '../../distill/hints/weights';
import { hintEntryKnobs, objectiveKnobs, type Recipe } from '../../distill/recipe';
import { materialKnobs } from '../../distill/material/about';
import { scheduleKnobs } from '../../distill/schedule/about';
import { teacherAbouts } from '../../distill/teachers/abouts';
import { weightingAbouts } from '../../distill/weighting/abouts';
import { kindOf } from './data-kind';
import { hintTitle } from './diff';
import type { SetShape } from './propose-pair';

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
 * @param set the data; where it is not known, knobs for special kinds of it are listed too
 */
export function liveKnobs(
  { objective, hints, teacher, weighting, schedule, material }: Recipe,
  set: SetShape | null,
): LiveKnob[] {
  const live = (path: string, knobs: Knobs, values: KnobValues, of = ''): LiveKnob[] =>
    Object.entries(knobs)
      .filter(([, knob]) => knob.live && !knob.advanced && (knob.when?.(values) ?? true))
      .filter(([, knob]) => set === null || appliesTo(knob, kindOf(set)))
      .map(([name, knob]) => ({
        path: `${path}.${name}`,
        knob,
        label: of + knobFor(knob, set?.target).label,
      }));
  return [
    ...hints.flatMap((entry, index) => {
      const of = hints.length > 1 ? `${hintTitle(entry)}: ` : '';
      const { weight, knobs } = entry;
      return [
        ...live(`hints.${index}`, { weight: hintEntryKnobs.weight }, { weight }, of).map((known) => ({
          ...known,
          standsFor: publishedNumber(entry, set?.input),
        })),
        ...live(`hints.${index}.knobs`, hintAbouts[entry.id].knobs, knobs, of),
      ];
    }),
    ...live('objective', objectiveKnobs, objective),
    ...live('schedule', scheduleKnobs, schedule),
    ...live('weighting.knobs', weightingAbouts[weighting.id].knobs, weighting.knobs),
    ...live('material', materialKnobs, material),
    ...live('teacher.knobs', teacherAbouts[teacher.kind].knobs, teacher.knobs),
  ];
}
