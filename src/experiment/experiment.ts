/**
 * An experiment: several recipes, each with several seeds, on one base. Plain data, read like a recipe: never throws, and
 * says what it could not use.
 */
import { mostCharacters, quotedValue, shortened } from '../limits/texts';
import { fewProblems, knobProblem, shownValue, type KnobValue, type Problem } from '../distill/knobs';
import { methods, type MethodAbout } from '../distill/methods/abouts';
import { knobAt, readRecipe, valueAt, withValue, type KnownVersion, type Recipe } from '../distill/recipe';
import { crossed, mostRuns, readAxes, type Axis } from './axes';
import { applyOfVersion1 } from '../distill/version-1/apply';
import { methodsOfVersion1 } from '../distill/version-1/methods';

/** Follows the recipe's: an experiment's base, its recipes and its methods are those of its version. */
export const experimentVersion = 2;
/** In place of a list: every method of the picker. */
export const allMethods = 'all methods';

/** One line of an experiment's table. */
export interface ExperimentEntry {
  name: string;
  /** Id of the method that is applied to the base, or null for a recipe of its own. */
  method: string | null;
  /** Complete but for the seed. */
  recipe: Recipe;
  /** Paths of the knobs that are set on purpose, such as "schedule.steps". */
  axes: string[];
}

export interface Experiment {
  title: string;
  note: string;
  seeds: number[];
  entries: ExperimentEntry[];
}

/** An experiment as parsed JSON, as far as this page writes one. */
export interface ExperimentFile {
  version: number;
  title: string;
  base: Recipe;
  seeds: number[];
  entries: { method?: string; recipe?: Recipe; name?: string; set?: Record<string, KnobValue> }[];
  axes: Axis[];
}

/** One training of an experiment: one entry with one seed. */
export interface Cell {
  /** Index into the entries. */
  entry: number;
  seed: number;
  recipe: Recipe;
}

/**
 * Reads an experiment from parsed JSON: `{ version, title, note, base, seeds, entries, axes }`. `base` is a recipe (what is left
 * out has its default). An entry is `{ method }` (applied to the base) or `{ recipe }`, with an optional `name` and `set`, a
 * record of knobs by dotted path ("hints.0.weight", "schedule.steps"). `entries` may be "all methods", or left out where there are axes: then it
 * is the base alone. Every entry is crossed with the axes (`axes.ts`). An experiment of version 1 is read against the defaults and the methods of version 1.
 */
export function readExperiment(input: unknown): { experiment: Experiment | null; problems: Problem[] } {
  const problems: Problem[] = [];
  const refuse = (path: string, message: string) => {
    problems.push({ path, message });
    return { experiment: null, problems };
  };
  if (!isRecord(input)) return refuse('', 'An experiment must be a JSON object.');
  const version = input['version'];
  if (version !== 1 && version !== experimentVersion)
    return refuse('version', `This page reads experiments of the versions 1 and ${experimentVersion}.`);
  const offered = methodsOfVersion[version]();
  const base = readRecipe(input['base'] ?? {}, version);
  problems.push(...within('base', base.problems));
  const seeds = input['seeds'] ?? [1, 2, 3];
  const isSeed = (seed: unknown) => Number.isInteger(seed) && (seed as number) >= 0;
  if (!Array.isArray(seeds) || seeds.length === 0 || !seeds.every(isSeed))
    return refuse('seeds', 'Seeds must be a list of whole numbers from 0 on.');
  const axes = readAxes(input['axes'], problems);
  if (!axes) return { experiment: null, problems: fewProblems(problems) };
  const listed =
    input['entries'] === allMethods
      ? offered.map(({ id }) => ({ method: id }))
      : (input['entries'] ?? (axes.length > 0 ? [{ recipe: input['base'] ?? {} }] : undefined));
  if (!Array.isArray(listed) || listed.length === 0 || listed.length > mostRuns)
    return refuse(
      'entries',
      `An experiment needs a list of entries, ${mostRuns} at most, or "${allMethods}".`,
    );
  const plain = listed.flatMap((entry: unknown, index) => {
    const read = readEntry(entry, { version, offered, base: base.recipe }, `entries.${index}`, problems);
    return read ? [read] : [];
  });
  const entries = withOwnNames(crossed(plain, axes, problems));
  if (problems.length > 0) return { experiment: null, problems: fewProblems(problems) };
  if (entries.length * seeds.length > mostRuns)
    return refuse('entries', `An experiment holds at most ${mostRuns} runs.`);
  return {
    experiment: {
      title:
        typeof input['title'] === 'string' ? shortened(input['title'], mostCharacters.name) : 'Experiment',
      note: typeof input['note'] === 'string' ? shortened(input['note'], mostCharacters.notes) : '',
      // A seed that is named twice would pass for two results.
      seeds: [...new Set(seeds as number[])],
      entries,
    },
    problems,
  };
}

/**
 * Methods of the picker on one base, each with every value of the axes.
 * @returns problems of the axes instead of an experiment, where a method has no such knob or a knob no such value
 */
export function experimentOfMethods(
  base: Recipe,
  ids: readonly string[],
  seeds: readonly number[],
  axes: readonly Axis[] = [],
): { experiment: Experiment; problems: Problem[] } {
  const chosen = methods.filter(({ id }) => ids.includes(id));
  const problems: Problem[] = [];
  const entries = chosen.map(({ id, title, apply }): ExperimentEntry => {
    // A note is about the recipe it came with.
    return { name: title, method: id, recipe: { ...apply(base), title, note: '', example: '' }, axes: [] };
  });
  const experiment = {
    title: `${chosen.length} ${chosen.length === 1 ? 'method' : 'methods'}`,
    note: '',
    seeds: [...seeds],
    entries: crossed(entries, axes, problems),
  };
  return { experiment, problems };
}

/** The file of an experiment that `readExperiment` takes: methods of the picker on one base, as `experimentOfMethods`. */
export function fileOfMethods(
  base: Recipe,
  ids: readonly string[],
  seeds: readonly number[],
  axes: readonly Axis[] = [],
): ExperimentFile {
  const { title } = experimentOfMethods(base, ids, seeds).experiment;
  return {
    version: experimentVersion,
    title,
    base: { ...base, note: '', example: '' },
    seeds: [...seeds],
    entries: methods.filter(({ id }) => ids.includes(id)).map(({ id }) => ({ method: id })),
    axes: [...axes],
  };
}

/** The same with some of its rows left out, which axes cannot say: each row that stays is listed with its knobs. */
export function fileOfRows(
  base: Recipe,
  { title, seeds }: Pick<Experiment, 'title' | 'seeds'>,
  rows: readonly ExperimentEntry[],
): ExperimentFile {
  return {
    version: experimentVersion,
    title,
    base: { ...base, note: '', example: '' },
    seeds,
    entries: rows.map(({ name, method, axes, recipe }) => ({
      name,
      ...(method === null ? { recipe } : { method }),
      set: Object.fromEntries(axes.map((path) => [path, valueAt(recipe, path)!])),
    })),
    axes: [],
  };
}

/**
 * The file of an experiment of recipes that are there: those that differ in nothing but seed, title and notes are one entry.
 * @returns the file, and the entry and seed of each recipe
 */
export function fileOfRecipes(
  title: string,
  recipes: readonly { recipe: Recipe; name: string }[],
): { file: ExperimentFile; places: { entry: number; seed: number }[] } {
  const entries: { recipe: Recipe; name: string; key: string }[] = [];
  const places = recipes.map(({ recipe, name }) => {
    const bare = { ...recipe, seed: 0, title: '', note: '', example: '' };
    const key = JSON.stringify(bare);
    let entry = entries.findIndex((known) => known.key === key);
    if (entry < 0)
      entry = entries.push({ recipe: { ...bare, title: name }, name: unlike(name, entries), key }) - 1;
    return { entry, seed: recipe.seed };
  });
  const seeds = [...new Set(places.map(({ seed }) => seed))].toSorted((a, b) => a - b);
  const base = recipes[0]!.recipe;
  return {
    file: {
      version: experimentVersion,
      title,
      base: { ...base, note: '', example: '' },
      seeds,
      entries: entries.map(({ recipe, name }) => ({ recipe, name })),
      axes: [],
    },
    places,
  };
}

/** Tables, figures and files tell rows by their names: those of one name get the knobs that they set, then a number. */
function withOwnNames(entries: readonly ExperimentEntry[]): ExperimentEntry[] {
  const times = new Map<string, number>();
  for (const { name } of entries) times.set(name, (times.get(name) ?? 0) + 1);
  const taken = new Set<string>();
  return entries.map((entry) => {
    const full = times.get(entry.name)! > 1 ? [entry.name, ...setTexts(entry)].join(', ') : entry.name;
    let name = full;
    for (let number = 2; taken.has(name); number++) name = `${full} (${number})`;
    taken.add(name);
    if (name === entry.name) return entry;
    return { ...entry, name, recipe: { ...entry.recipe, title: shortened(name, mostCharacters.name) } };
  });
}

/** "Steps 400" for each knob that a row sets and its name does not say. */
function setTexts({ name, recipe, axes }: ExperimentEntry): string[] {
  return axes.flatMap((path) => {
    const knob = knobAt(recipe, path);
    const text = knob && `${knob.label} ${shownValue(knob, valueAt(recipe, path))}`;
    return text === null || text === undefined || name.split(', ').includes(text) ? [] : [text];
  });
}

/** The name, with a number where another entry has it. */
function unlike(name: string, others: readonly { name: string }[]): string {
  const isTaken = (wanted: string) => others.some((other) => other.name === wanted);
  if (!isTaken(name)) return name;
  for (let number = 2; ; number++) if (!isTaken(`${name} (${number})`)) return `${name} (${number})`;
}

/** All cells, seed by seed, so that an interrupted experiment has results for every entry. */
export function cellsOf({ seeds, entries }: Experiment): Cell[] {
  return seeds.flatMap((seed) =>
    entries.map(({ recipe }, entry) => ({ entry, seed, recipe: { ...recipe, seed } })),
  );
}

type OfferedMethod = Pick<MethodAbout, 'id' | 'title' | 'apply'>;

const methodsOfVersion: Record<KnownVersion, () => readonly OfferedMethod[]> = {
  1: () =>
    methodsOfVersion1.map((method) => ({
      id: method.id,
      title: method.title,
      apply: (base) => applyOfVersion1(method, base),
    })),
  2: () => methods,
};

interface Context {
  version: KnownVersion;
  offered: readonly OfferedMethod[];
  base: Recipe;
}

function readEntry(
  input: unknown,
  { version, offered, base }: Context,
  path: string,
  problems: Problem[],
): ExperimentEntry | null {
  if (!isRecord(input)) {
    problems.push({ path, message: 'An entry must be an object with a method or a recipe.' });
    return null;
  }
  const called = ({ id }: OfferedMethod) => id === input['method'];
  const method = offered.find(called) ?? methods.find(called);
  if (input['method'] !== undefined && !method) {
    problems.push({ path, message: `${quotedValue(input['method'])} is not a method of this page.` });
    return null;
  }
  let recipe: Recipe;
  if (method) recipe = method.apply(base);
  else {
    const read = readRecipe(input['recipe'] ?? {}, version);
    problems.push(...within(`${path}.recipe`, read.problems));
    recipe = read.recipe;
  }
  for (const [knobPath, value] of Object.entries(isRecord(input['set']) ? input['set'] : {})) {
    const knob = knobAt(recipe, knobPath);
    const fault = knob ? knobProblem(knob, value) : 'is not a knob of this entry';
    if (fault)
      problems.push({
        path: `${path}.set`,
        message: `${knob?.label ?? shortened(knobPath, mostCharacters.quote)} ${fault}.`,
      });
    else recipe = withValue(recipe, knobPath, value as KnobValue);
  }
  const name =
    typeof input['name'] === 'string'
      ? shortened(input['name'], mostCharacters.name)
      : (method?.title ?? recipe.title);
  return {
    name,
    method: method?.id ?? null,
    recipe: { ...recipe, title: name },
    axes: Object.keys(isRecord(input['set']) ? input['set'] : {}),
  };
}

function within(path: string, problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({ ...problem, path: `${path}.${problem.path}` }));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
