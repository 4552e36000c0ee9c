/**
 * What version 1 gave to read is read as it was then. The fixture was written by the last page of version 1 (commit
 * 166e09e): each of its recipes stands as the places of its parts in `parts`.
 */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { recipeFromHash } from '../../../src/app/recipe/link';
import { entryFrom } from '../../../src/app/store/library/run-entry';
import { hintAbouts } from '../../../src/distill/hints/abouts';
import {
  knobProblem,
  type Knob,
  type Knobs,
  type KnobValue,
  type KnobValues,
} from '../../../src/distill/knobs';
import { materialKnobs } from '../../../src/distill/material/about';
import {
  defaultRecipe,
  hintEntryKnobs,
  objectiveKnobs,
  readRecipe,
  recipeVersion,
  seedKnob,
} from '../../../src/distill/recipe';
import { scheduleKnobs } from '../../../src/distill/schedule/about';
import { studentKnobs } from '../../../src/distill/students/about';
import { readExperiment } from '../../../src/experiment/experiment';
import { teacherAbouts } from '../../../src/distill/teachers/abouts';
import { version1 } from '../../../src/distill/version-1/defaults';
import { weightingAbouts } from '../../../src/distill/weighting/abouts';
import { soundLabel } from '../../../src/storage/stored-rows';
import type { RunLabel } from '../../../src/storage/schema';

type Places = number[];
interface Fixture {
  parts: unknown[];
  recipes: { name: string; input: unknown; recipe: Places; problems: string[] }[];
  links: { hash: string; recipe: Places }[];
  studies: {
    input: { title: string };
    seeds: number[];
    entries: { name: string; method: string | null; recipe: Places }[];
  }[];
  rows: { label: RunLabel; recipe: Places }[];
}

const fixture = JSON.parse(
  readFileSync(new URL('fixtures/version-1.json', import.meta.url), 'utf8'),
) as Fixture;
const keys = [
  'title',
  'method',
  'seed',
  'material',
  'teacher',
  'hints',
  'weighting',
  'student',
  'schedule',
  'objective',
];
const unpooled = (places: Places) =>
  Object.fromEntries(keys.map((key, i) => [key, fixture.parts[places[i]!]]));
/** A knob that came later may stand beside the values of then; the table below says with which value. */
const asThen = (places: Places) => ({ version: recipeVersion, ...unpooled(places) });

const sections = {
  material: materialKnobs,
  student: studentKnobs,
  schedule: scheduleKnobs,
  objective: objectiveKnobs,
};

function expectAllAsThen(): void {
  for (const { name, input, recipe, problems } of fixture.recipes) {
    const itself = input === 'the recipe itself' ? { version: 1, ...unpooled(recipe) } : input;
    const read = readRecipe(itself);
    expect(read.recipe, name).toMatchObject(asThen(recipe));
    expect(
      read.problems.map(({ path }) => path),
      name,
    ).toEqual(problems);
  }
  for (const { hash, recipe } of fixture.links) {
    const read = recipeFromHash(hash);
    expect(read?.recipe, hash).toMatchObject(asThen(recipe));
    expect(read?.problems, hash).toEqual([]);
  }
  for (const { input, seeds, entries } of fixture.studies) {
    const { experiment, problems } = readExperiment(input);
    expect(problems, input.title).toEqual([]);
    // Rows of the same name are told apart by what is behind it.
    const named = (name: string): unknown =>
      entries.filter((other) => other.name === name).length === 1 ? name : expect.stringMatching(`^${name}`);
    expect(experiment, input.title).toMatchObject({
      seeds,
      entries: entries.map(({ name, recipe, ...entry }) => {
        const then = asThen(recipe);
        return { ...entry, name: named(name), recipe: { ...then, title: named(name) } };
      }),
    });
    expect(new Set(experiment?.entries.map(({ name }) => name)).size, input.title).toBe(entries.length);
  }
  for (const { label, recipe } of fixture.rows)
    expect(entryFrom({ label: soundLabel(label), progress: null, held: false }).recipe).toMatchObject(
      asThen(recipe),
    );
}

describe('what version 1 left', () => {
  it('is read as it was then: files, links, experiments and stored runs', () => {
    expect(fixture.recipes.length).toBeGreaterThan(110);
    expectAllAsThen();
  });

  describe('when every default of today is another', () => {
    const undo: (() => void)[] = [];
    afterEach(() => {
      for (const step of undo.splice(0)) step();
    });

    it('is read as it was then', () => {
      const before = defaultRecipe();
      for (const knob of allKnobs()) change(knob, 'default', another(knob));
      for (const about of Object.values(hintAbouts)) change(about, 'defaultWeight', 1234);
      const { recipe: now } = readRecipe({ version: recipeVersion });
      for (const part of ['seed', 'material', 'student', 'schedule', 'objective'] as const)
        expect(now[part], part).not.toEqual(before[part]);
      expectAllAsThen();
    });

    function change(target: object, name: string, value: unknown): void {
      const record = target as Record<string, unknown>;
      const before = record[name];
      undo.push(() => (record[name] = before));
      record[name] = value;
    }
  });

  it('comes out as a recipe of today, which reads the same in a file that says so', () => {
    for (const { name, recipe } of fixture.recipes) {
      const { recipe: read } = readRecipe({ version: 1, ...unpooled(recipe) });
      expect(readRecipe(JSON.parse(JSON.stringify(read))), name).toEqual({ recipe: read, problems: [] });
    }
  });
});

describe('the defaults of version 1', () => {
  /** So that a knob which comes later says what makes a recipe of version 1 behave as it did. */
  it('name every knob of what version 1 had', () => {
    for (const [name, knobs] of Object.entries(sections))
      expectNamed(name, knobs, version1.recipe[name as keyof typeof sections]);
    for (const [id, { weight, knobs }] of Object.entries(version1.hints)) {
      expectNamed(`hint ${id}`, hintAbouts[id as keyof typeof hintAbouts].knobs, knobs);
      expect(knobProblem(hintEntryKnobs.weight, weight), id).toBeNull();
    }
    for (const [kind, knobs] of Object.entries(version1.teachers))
      expectNamed(`teacher ${kind}`, teacherAbouts[kind as keyof typeof teacherAbouts].knobs, knobs);
    for (const [id, knobs] of Object.entries(version1.weightings))
      expectNamed(`weighting ${id}`, weightingAbouts[id as keyof typeof weightingAbouts].knobs, knobs);
    expectNamed('a hint’s entry', hintEntryKnobs, { ...version1.hintEntry });
  });

  function expectNamed(what: string, knobs: Knobs, values: KnobValues): void {
    expect(Object.keys(values).sort(), what).toEqual(Object.keys(knobs).sort());
    for (const [name, knob] of Object.entries(knobs))
      expect(knobProblem(knob, values[name]), `${what}: ${name}`).toBeNull();
  }
});

function allKnobs(): Set<Knob> {
  const tables: Knobs[] = [
    ...Object.values(sections),
    hintEntryKnobs,
    ...[hintAbouts, teacherAbouts, weightingAbouts].flatMap((all) =>
      Object.values(all as Record<string, { knobs: Knobs }>).map(({ knobs }) => knobs),
    ),
  ];
  return new Set<Knob>([seedKnob, ...tables.flatMap((knobs) => Object.values(knobs))]);
}

/** A usable value that is not the default. */
function another(knob: Knob): KnobValue {
  switch (knob.kind) {
    case 'number':
      return knob.default === knob.max ? knob.min : knob.max;
    case 'choice':
      return knob.options.find(({ value }) => value !== knob.default)!.value;
    case 'switch':
      return !knob.default;
    case 'text':
      return knob.suggestions.find(({ value }) => value !== knob.default)?.value ?? knob.default;
  }
}
