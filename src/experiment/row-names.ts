/** Short names for sets of rows: by what sets them apart from the others, or counted where there are many. */
import { shownValue } from '../distill/knobs';
import { knobAt, valueAt, type Recipe } from '../distill/recipe';

export interface NamedRow {
  name: string;
  recipe: Recipe;
  /** Paths of the knobs that it sets on purpose, such as "schedule.steps". */
  axes: readonly string[];
}

/** Names of rows by their places. @param most names that are listed before they are counted */
export type NamesOf = (chosen: ReadonlySet<number>, most?: number) => string;
const mostNames = 4;

/** The paths that some of the rows set on purpose. */
export function axesOf(rows: readonly NamedRow[]): string[] {
  return [...new Set(rows.flatMap(({ axes }) => axes))];
}

/** Per row a key of all that it is beside its axes: rows that differ in axes alone share it. */
export function stemKeys(rows: readonly NamedRow[]): string[] {
  const axes = axesOf(rows);
  return rows.map(({ recipe }) => {
    const told: object = { ...recipe, seed: 0, title: '', note: '', example: '' };
    return JSON.stringify(
      axes.reduce((bare, path) => (knobAt(recipe, path) ? without(bare, path.split('.')) : bare), told),
    );
  });
}

/** A copy along the path with nothing at its end. */
function without(value: object, [name, ...rest]: readonly string[]): object {
  const inner = (value as Record<string, object>)[name!]!;
  const put = rest.length === 0 ? null : without(inner, rest);
  return Array.isArray(value)
    ? value.map((item: unknown, place) => (place === Number(name) ? put : item))
    : { ...value, [name!]: put };
}

/**
 * Names sets of these rows. Rows that differ in axes alone, such as the temperatures of one method, have what their names
 * share as one name; all rows with a value of an axis are named by it; many are counted: "12 of 20 rows".
 * @param what what the rows are called
 * @param keys as `stemKeys` gives them
 */
export function rowNames(rows: readonly NamedRow[], what: 'rows' | 'runs', keys = stemKeys(rows)): NamesOf {
  const short = shortNames(rows.map(({ name }) => name));
  const stems = new Map<string, number[]>();
  keys.forEach((key, row) => stems.set(key, [...(stems.get(key) ?? []), row]));
  const groups = [...stems.values()].map((members) => ({
    members,
    name: shared(members.map((row) => short[row]!)),
  }));
  return (chosen, most = mostNames) => {
    const whole = groups.filter(({ members, name }) => name && members.every((row) => chosen.has(row)));
    const named = new Set(whole.flatMap(({ members }) => members));
    const others = [...chosen].filter((row) => !named.has(row));
    const names = [...whole.map(({ name }) => name), ...others.map((row) => short[row]!)];
    if (names.length <= most && others.length <= 1) return names.join(', ');
    const byAxis = valuesOf(rows, chosen);
    if (byAxis) return `${what} with ${byAxis}`;
    return names.length <= most ? names.join(', ') : `${chosen.size} of ${rows.length} ${what}`;
  };
}

/** "Temperature 4": where these are all rows with some values of one axis. */
function valuesOf(rows: readonly NamedRow[], chosen: ReadonlySet<number>): string | null {
  for (const path of axesOf(rows)) {
    const texts = rows.map(({ recipe }) => {
      const knob = knobAt(recipe, path);
      return knob ? `${knob.label} ${shownValue(knob, valueAt(recipe, path))}` : null;
    });
    const taken = new Set([...chosen].map((row) => texts[row] ?? ''));
    const isAll = texts.every((text, row) => chosen.has(row) === taken.has(text ?? ''));
    if (isAll && !taken.has('') && taken.size <= mostNames) return [...taken].join(' or ');
  }
  return null;
}

/** "KD" for "KD · Knowledge distillation", unless another method has the same abbreviation. */
export function shortNames(names: readonly string[]): string[] {
  const methods = names.map((name) => name.split(', ')[0]!);
  const abbreviated = (method: string) => method.split(' · ')[0]!;
  return names.map((name, row) => {
    const method = methods[row]!;
    const clashes = methods.some((other) => other !== method && abbreviated(other) === abbreviated(method));
    return clashes ? name : `${abbreviated(method)}${name.slice(method.length)}`;
  });
}

/** What names have in common, up to a comma; "" for nothing. */
function shared(names: readonly string[]): string {
  if (names.length === 1) return names[0]!;
  const [first, ...others] = names.map((name) => name.split(', '));
  const length = first!.findIndex((part, place) => others.some((other) => other[place] !== part));
  return (length < 0 ? first! : first!.slice(0, length)).join(', ');
}
