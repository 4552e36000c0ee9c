/**
 * What sets the rows of an experiment apart beside what they are meant to compare. Nothing is forbidden: it is said, over
 * the table and in every export.
 */
import type { TeacherAbout } from '../distill/about';
import { materialKnobs } from '../distill/material/about';
import { knobAt, valueAt } from '../distill/recipe';
import { comesFromFiles, teacherAbouts } from '../distill/teachers/abouts';
import { midSentence } from '../limits/texts';
import { decides, groupsOf, isSameParting, learnsWithout, meantAxes, type Grouped } from './differences';
import type { FairRow } from './fair-row';
import { axesOf, rowNames, stemKeys, type NamesOf } from './row-names';

/** Places of the rows for which it holds. */
function placesOf(rows: readonly FairRow[], holds: (row: FairRow) => boolean): Set<number> {
  return new Set(rows.flatMap((row, place) => (holds(row) ? [place] : [])));
}

/** A student that is no smaller than its teacher, where teacher and student are not peers. */
function isLarge({ size, recipe }: FairRow): boolean {
  const about: TeacherAbout = teacherAbouts[recipe.teacher.kind];
  return about.size !== 'free' && size !== null && size.teacher !== null && size.student >= size.teacher;
}

/** A teacher that is worse than the student comes to by itself. */
function isWeak({ reached, recipe }: FairRow): boolean {
  const about: TeacherAbout = teacherAbouts[recipe.teacher.kind];
  if (about.size === 'free' || !reached || reached.teacher === null || reached.baseline === null)
    return false;
  return reached.better === 'higher'
    ? reached.teacher < reached.baseline
    : reached.teacher > reached.baseline;
}

/** The student has what the line beside it cannot learn from. */
function gainsByInstances({ size, recipe }: FairRow): boolean {
  return (
    size !== null &&
    size.unlabelled > 0 &&
    size.labelled > 0 &&
    recipe.objective.control &&
    learnsWithout(recipe)
  );
}

/** Labels of the knobs of which some rows that are alike beside it try several values. */
function sweptLabels(rows: readonly FairRow[], keys: readonly string[]): string[] {
  const paths = axesOf(rows).filter((path) => {
    const tried = new Map<string, Set<unknown>>();
    rows.forEach(({ recipe }, row) => {
      const key = keys[row]!;
      tried.set(key, (tried.get(key) ?? new Set()).add(valueAt(recipe, path)));
    });
    return decides(path) && [...tried.values()].some(({ size }) => size > 1);
  });
  const labels = paths.map((path) => {
    const having = rows.find(({ recipe }) => knobAt(recipe, path));
    return (having && knobAt(having.recipe, path)?.label) ?? path;
  });
  return [...new Set(labels)];
}

/** A sweep is made to choose a value: then the choice, and not only the look of the curves, is on the test data. */
function testSentence(rows: readonly FairRow[], keys: readonly string[]): string {
  const swept = sweptLabels(rows, keys);
  if (rows.length < 2 || swept.length === 0)
    return 'No validation split: what is chosen by these scores, or by the live curves, is chosen on the test data.';
  return `No validation split: a value of ${listed(swept)} that is chosen by these scores is chosen on the test data, and its score is better than on fresh data.`;
}

/** Of a method that is tried with more values than another, the best is better by the choice alone. */
function triedSentence(rows: readonly FairRow[], keys: readonly string[], namesOf: NamesOf): string[] {
  const tried = new Map<string, { members: number[]; settings: Set<string> }>();
  rows.forEach(({ recipe, axes }, row) => {
    // What has no loss of a teacher is what others are compared with.
    if (recipe.hints.length === 0) return;
    const own = tried.get(keys[row]!) ?? { members: [], settings: new Set() };
    const settings = axes.filter((path) => decides(path) && !path.startsWith('material.'));
    own.members.push(row);
    own.settings.add(JSON.stringify(settings.map((path) => valueAt(recipe, path))));
    tried.set(keys[row]!, own);
  });
  const counts = new Map<number, number[]>();
  for (const { members, settings } of tried.values())
    counts.set(settings.size, [...(counts.get(settings.size) ?? []), ...members]);
  if (counts.size < 2) return [];
  const texts = [...counts]
    .toSorted(([a], [b]) => b - a)
    .map(([count, members]) => `${count} of ${namesOf(new Set(members))}`);
  return [`Settings tried: ${texts.join('; ')}. The best of several is better by the choice alone.`];
}

/** Knobs that are listed before they are counted. */
const mostListed = 4;

function listed(names: readonly string[]): string {
  if (names.length > mostListed)
    return `${names.slice(0, mostListed - 1).join(', ')} or ${names.length - mostListed + 1} others`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)!}`;
}

/** Knobs that decide what the scores are measured on. */
const testKnobs = ['dataset', 'ownSet', 'halve', 'testNoise', 'testBlur', 'testContrast'] as const;

/** Rows of which each has a test of its own. */
function testsSentence(rows: readonly FairRow[], meant: ReadonlySet<string>, what: string): string[] {
  const apart = testKnobs.filter(
    (name) =>
      meant.has(`material.${name}`) && new Set(rows.map(({ recipe }) => recipe.material[name])).size > 1,
  );
  if (apart.length === 0) return [];
  const knobs = apart.map((name) => materialKnobs[name].label).join(', ');
  return [
    `The test data differ (${knobs}): compare the scores of ${what} with the same ones, or their gains.`,
  ];
}

/** Values that are listed before they are counted, and rows where one value is that of most. */
const mostValues = 5;
const mostOfMost = 2;

/** All of it as sentences, the same for page and files. @param what what the rows are called */
export function fairnessSentences(rows: readonly FairRow[], what: 'rows' | 'runs' = 'rows'): string[] {
  const keys = stemKeys(rows);
  const meant = meantAxes(rows, keys);
  const namesOf = rowNames(rows, what, keys);
  const everyOf = (places: ReadonlySet<number>) =>
    rows.length > 1 && places.size === rows.length ? `all ${what}` : namesOf(places);
  const told = (holds: (row: FairRow) => boolean, sentence: (where: string) => string) => {
    const places = placesOf(rows, holds);
    return places.size === 0 ? [] : [sentence(rows.length === 1 ? '' : everyOf(places))];
  };
  return [
    ...testsSentence(rows, meant, what),
    ...partings(groupsOf(rows, meant)).map((alike) => sentenceOf(alike, what, namesOf)),
    ...told(
      isLarge,
      (where) => `The student has no fewer parameters than its teacher${where && ` in ${where}`}.`,
    ),
    ...told(
      isWeak,
      (where) => `The teacher scores worse than the baseline (no teacher)${where && ` in ${where}`}.`,
    ),
    ...told(
      gainsByInstances,
      (where) =>
        `The student learns from instances without a label too, its baseline from labels alone; part of the gain can be that${where && ` (${where})`}.`,
    ),
    ...told(
      ({ recipe }) => comesFromFiles(recipe.teacher),
      (where) =>
        `The teacher comes from a file or an earlier run${where && ` in ${where}`}: whether it has learned from instances of this test split is not known here.`,
    ),
    ...triedSentence(rows, keys, namesOf),
    ...(rows.some(({ recipe }) => recipe.material.validation === 0) ? [testSentence(rows, keys)] : []),
  ];
}

/** Differences in two values that set the same rows apart go together; any other by itself. */
function partings(all: readonly Grouped[]): Grouped[][] {
  return all.reduce<Grouped[][]>((before, one) => {
    const twin = before.find(([other]) => one.groups.length === 2 && isSameParting(other!, one));
    if (twin) twin.push(one);
    return twin ? before : [...before, [one]];
  }, []);
}

function sentenceOf(alike: readonly Grouped[], what: string, namesOf: NamesOf): string {
  const [{ title, groups }] = alike as [Grouped];
  const compared = groups.reduce((sum, { members }) => sum + members.length, 0);
  const placeOf = ({ members }: Grouped['groups'][number]) =>
    namesOf(new Set(members), 2 * members.length > compared ? mostOfMost : undefined);
  if (alike.length > 1) {
    const [most, fewer] = groups.map(placeOf);
    const apart = alike.map(
      (one) => `${midSentence(one.title)} ${one.groups[1]!.value}, not ${one.groups[0]!.value}`,
    );
    return `In ${fewer!}, unlike in ${most!}: ${apart.join('; ')}.`;
  }
  const shown = groups.length > mostValues ? groups.slice(0, mostValues - 1) : groups;
  const rest = groups.slice(shown.length);
  const others = rest.reduce((sum, { members }) => sum + members.length, 0);
  const texts = shown.map((group) => `${group.value} in ${placeOf(group)}`);
  const counted = others > 0 ? [`${rest.length} other values in ${others} ${what}`] : [];
  return `${title}: ${[...texts, ...counted].join('; ')}.`;
}
