import fc from 'fast-check';
import { hintAbouts, hintIds } from '../../../src/distill/hints/abouts';
import type { Knob, Knobs, KnobValues } from '../../../src/distill/knobs';
import { materialKnobs } from '../../../src/distill/material/about';
import { methods } from '../../../src/distill/methods/abouts';
import {
  defaultRecipe,
  hintEntryKnobs,
  objectiveKnobs,
  seedKnob,
  type Recipe,
} from '../../../src/distill/recipe';
import { scheduleKnobs } from '../../../src/distill/schedule/about';
import { studentKnobs } from '../../../src/distill/students/about';
import { teacherAbouts, type TeacherKind } from '../../../src/distill/teachers/abouts';
import { weightingAbouts, type WeightingId } from '../../../src/distill/weighting/abouts';

function anyValue(knob: Knob): fc.Arbitrary<number | string | boolean> {
  switch (knob.kind) {
    case 'number': {
      const number = knob.integer
        ? fc.integer({ min: knob.min, max: knob.max })
        : fc.double({ min: knob.min, max: knob.max, noNaN: true }).map((value) => value + 0);
      return knob.word === undefined ? number : fc.oneof(number, fc.constant(knob.word));
    }
    case 'choice':
      return fc.constantFrom(...knob.options.map((option) => option.value));
    case 'switch':
      return fc.boolean();
    case 'text':
      return fc.constantFrom(knob.default, ...knob.suggestions.map((known) => known.value));
  }
}

const anyValues = (knobs: Knobs): fc.Arbitrary<KnobValues> =>
  fc.record(Object.fromEntries(Object.entries(knobs).map(([name, knob]) => [name, anyValue(knob)])));

/** Any recipe that the forms can make. */
export const anyRecipe: fc.Arbitrary<Recipe> = fc
  .record({
    title: fc.string({ maxLength: 40 }),
    note: fc.string({ maxLength: 200, unit: 'grapheme' }),
    example: fc.constantFrom('', 'few-labels', 'of-a-later-page'),
    method: fc.constantFrom(...methods.map(({ id }) => id)),
    seed: anyValue(seedKnob),
    material: anyValues(materialKnobs),
    student: anyValues(studentKnobs),
    schedule: anyValues(scheduleKnobs),
    objective: anyValues(objectiveKnobs),
    teacher: fc
      .constantFrom(...(Object.keys(teacherAbouts) as TeacherKind[]))
      .chain((kind) => anyValues(teacherAbouts[kind].knobs as Knobs).map((knobs) => ({ kind, knobs }))),
    weighting: fc
      .constantFrom(...(Object.keys(weightingAbouts) as WeightingId[]))
      .chain((id) => anyValues(weightingAbouts[id].knobs as Knobs).map((knobs) => ({ id, knobs }))),
    hints: fc.array(
      fc
        .constantFrom(...hintIds)
        .chain((id) =>
          fc
            .tuple(anyValues(hintEntryKnobs), anyValues(hintAbouts[id].knobs as Knobs))
            .map(([common, knobs]) => ({ id, ...common, knobs })),
        ),
      { maxLength: 8 },
    ),
  })
  .map((parts) => ({ ...defaultRecipe(), ...parts }) as unknown as Recipe);
