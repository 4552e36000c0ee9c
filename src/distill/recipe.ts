/**
 * The recipe: all that determines a run, as JSON. Same recipe, same backend: same numbers.
 * Reading one never throws: what is unusable is replaced by its default and reported.
 */
import type { HintAbout } from './about';
import { hintAbouts, type HintId } from './hints/abouts';
import {
  fewProblems,
  readKnobs,
  type Knob,
  type Knobs,
  type KnobValue,
  type KnobValues,
  type Problem,
  type ValuesIn,
  type ValuesOf,
  defaultsOf,
  defineKnobs,
  knobProblem,
} from './knobs';
import { mostCharacters, quotedValue, shortened } from '../limits/texts';
import { materialKnobs } from './material/about';
import { scheduleKnobs } from './schedule/about';
import { studentKnobs } from './students/about';
import { teacherAbouts, type TeacherKind } from './teachers/abouts';
import { version1 } from './version-1/defaults';
import { weightingAbouts, type WeightingId } from './weighting/abouts';

/**
 * Files, links and stored runs leave out what has its default. So a changed default needs a new version, and the
 * defaults of the old one are kept (`version-1/defaults.ts`).
 */
export const recipeVersion = 2;
/** Versions that are read. */
export type KnownVersion = 1 | typeof recipeVersion;

/** In place of a number: the published weight, scaled to the student's images when the run starts. */
export const publishedWeight = 'published';

/** One hint of a recipe with its weight. */
export interface HintEntry {
  id: HintId;
  /** Base weight of the hint in the objective. */
  weight: number | typeof publishedWeight;
  /** A control loss: it gets the teacher's traces of other images of the batch. */
  shuffled: boolean;
  knobs: ValuesIn<typeof hintAbouts>;
}

/** Characters of a note that are kept: it travels in links. */
export const longestNote = 2000;

export interface Recipe {
  version: typeof recipeVersion;
  title: string;
  /** Id of the method whose page-side story this recipe tells; it determines nothing by itself. */
  method: string;
  /** What the author says about it, plain text; it determines nothing. */
  note: string;
  /** Id of the example that it came from, "" for none: the page offers the example after that one. */
  example: string;
  seed: number;
  material: ValuesOf<typeof materialKnobs>;
  teacher: { kind: TeacherKind; knobs: ValuesIn<typeof teacherAbouts> };
  hints: HintEntry[];
  weighting: { id: WeightingId; knobs: ValuesIn<typeof weightingAbouts> };
  student: ValuesOf<typeof studentKnobs>;
  schedule: ValuesOf<typeof scheduleKnobs>;
  objective: ValuesOf<typeof objectiveKnobs>;
}

/** Knobs of the objective and of the lines trained beside the student. */
export const objectiveKnobs = defineKnobs({
  ceWeight: {
    kind: 'number',
    label: 'Cross-entropy weight (γ)',
    help: 'Weight of the cross-entropy with the labels (gamma in the objective).',
    byTarget: {
      number: {
        label: 'Squared-error weight (γ)',
        help: 'Weight of the squared error against the true values (gamma in the objective).',
      },
      labels: { help: 'Weight of the binary cross-entropy with the labels (gamma in the objective).' },
    },
    min: 0,
    max: 10,
    step: 0.05,
    default: 0.1,
    live: true,
  },
  control: {
    kind: 'switch',
    label: 'Baseline (no teacher)',
    help: 'Trains the same student without a teacher in lockstep: same first weights, same labelled batches. It answers whether distillation helped.',
    default: true,
  },
  hardAnswers: {
    kind: 'switch',
    label: 'Teacher’s hard labels',
    help: 'A third student that learns from the labels and the teacher’s top class, with the summed weight of the losses on logits (1 where there is none). Shows how much of a gain is access to labels and how much is softness.',
    byTarget: {
      number: {
        help: 'A third student that learns from the true values and from the teacher’s values taken as if they were true. For numbers there is nothing soft: it differs from logit matching in its weight alone.',
      },
      labels: {
        help: 'A third student that learns from the labels and from those to which the teacher gives more than one half. Shows how much of a gain is access to labels and how much is softness.',
      },
    },
    default: false,
  },
});

/** Common knobs of a hint entry, beside the hint's own. */
export const hintEntryKnobs = defineKnobs({
  weight: {
    kind: 'number',
    label: 'Weight',
    help: 'How strongly this loss pulls. Under hint-dynamic weighting it is the middle of the range from 0 to twice the value.',
    min: 0,
    max: 100_000,
    step: 0.05,
    word: publishedWeight,
    default: 1,
    live: true,
  },
  shuffled: {
    kind: 'switch',
    label: 'Shuffled teacher (control loss)',
    help: 'A control for the weighting: this loss gets the teacher’s answers and features for other instances of the batch. A good weighting turns it down.',
    default: false,
    advanced: true,
  },
});

export const seedKnob = {
  kind: 'number',
  label: 'Seed',
  help: 'Fixes every random choice: which labels are kept, first weights, batch order, noise. Same recipe and seed, same numbers.',
  min: 0,
  max: 2_147_483_647,
  step: 1,
  integer: true,
  default: 1,
} as const satisfies Knob;

/** A hint entry with its defaults. */
export function defaultHint(id: HintId): HintEntry {
  const about = hintAbouts[id];
  return { id, weight: about.defaultWeight, shuffled: false, knobs: { ...defaultsOf(about.knobs as Knobs) } };
}

/** The recipe that every link and file is a difference to. */
export function defaultRecipe(): Recipe {
  return {
    version: recipeVersion,
    title: 'My recipe',
    method: 'kd',
    note: '',
    example: '',
    seed: seedKnob.default,
    material: defaultsOf(materialKnobs),
    teacher: { kind: 'single', knobs: { ...defaultsOf(teacherAbouts.single.knobs) } },
    hints: [{ ...defaultHint('kd'), knobs: { temperature: 2 } }],
    weighting: { id: 'fixed', knobs: { ...defaultsOf(weightingAbouts.fixed.knobs) } },
    student: defaultsOf(studentKnobs),
    schedule: defaultsOf(scheduleKnobs),
    objective: defaultsOf(objectiveKnobs),
  };
}

/** What is meant by a part of a recipe that is left out. */
interface Defaults {
  recipe: Recipe;
  /** Knobs of a hint's entry. */
  entryKnobs: typeof hintEntryKnobs;
  /** In place of values of an entry that cannot be used. */
  entry: (id: HintId) => ValuesOf<typeof hintEntryKnobs>;
  hint: (id: HintId) => Pick<HintEntry, 'weight' | 'knobs'>;
  teacher: (kind: TeacherKind) => KnobValues;
  weighting: (id: WeightingId) => KnobValues;
}

/** In version 1 every weight was a number. */
const numbersOnly = {
  ...hintEntryKnobs,
  weight: { ...hintEntryKnobs.weight, word: undefined },
} as unknown as typeof hintEntryKnobs;

const defaultsOfVersion: Record<KnownVersion, () => Defaults> = {
  1: () => ({
    // The table is plain data; that it fits the types is tested.
    recipe: {
      ...(structuredClone(version1.recipe) as unknown as Recipe),
      version: recipeVersion,
      note: '',
      example: '',
    },
    entryKnobs: numbersOnly,
    entry: () => version1.hintEntry,
    hint: (id) => version1.hints[id] ?? defaultHint(id),
    teacher: (kind) => version1.teachers[kind] ?? defaultsOf(teacherAbouts[kind].knobs as Knobs),
    weighting: (id) => version1.weightings[id] ?? defaultsOf(weightingAbouts[id].knobs as Knobs),
  }),
  2: () => ({
    recipe: defaultRecipe(),
    entryKnobs: hintEntryKnobs,
    entry: (id) => ({ weight: hintAbouts[id].defaultWeight, shuffled: hintEntryKnobs.shuffled.default }),
    hint: defaultHint,
    teacher: (kind) => defaultsOf(teacherAbouts[kind].knobs as Knobs),
    weighting: (id) => defaultsOf(weightingAbouts[id].knobs as Knobs),
  }),
};

export interface RecipeReading {
  /** Always usable. */
  recipe: Recipe;
  /** Empty when the input was read as it stands. */
  problems: Problem[];
}

/**
 * Reads a recipe from parsed JSON (a file, a link, a stored run). One of version 1 is read against the defaults of
 * version 1, and comes out as one of today with every value named.
 * @param unversioned what a recipe that names no version is taken for
 */
export function readRecipe(input: unknown, unversioned: KnownVersion = 1): RecipeReading {
  const problems: Problem[] = [];
  if (!isRecord(input)) {
    problems.push({ path: '', message: 'A recipe must be a JSON object.' });
    return { recipe: defaultRecipe(), problems };
  }
  // The recipe.json of a PyTorch folder holds the recipe beside its networks.
  if (isRecord(input['recipe']) && Array.isArray(input['hintKeys']))
    return readRecipe(input['recipe'], unversioned);
  const version = input['version'] === undefined ? unversioned : input['version'];
  if (version !== 1 && version !== recipeVersion) {
    problems.push({
      path: 'version',
      message: `This recipe has version ${quotedValue(version)}; this page reads the versions 1 and ${recipeVersion}.`,
    });
    return { recipe: defaultRecipe(), problems };
  }
  const defaults = defaultsOfVersion[version]();
  const base = defaults.recipe;
  const known = new Set([...Object.keys(base), '$schema']);
  for (const key of Object.keys(input))
    if (!known.has(key))
      problems.push({
        path: shortened(key, mostCharacters.quote),
        message: `“${shortened(key, mostCharacters.quote)}” is not a part of a recipe.`,
      });

  const seedFault = input['seed'] === undefined ? null : knobProblem(seedKnob, input['seed']);
  if (seedFault) problems.push({ path: 'seed', message: `Seed ${seedFault}.` });

  const recipe: Recipe = {
    version: recipeVersion,
    title: readText(input['title'], base.title, 'title', problems),
    method: readText(input['method'], base.method, 'method', problems),
    note: readNote(input['note'], problems),
    example: readExample(input['example'], problems),
    seed: input['seed'] === undefined || seedFault ? base.seed : (input['seed'] as number),
    material: readKnobs(materialKnobs, input['material'], 'material', problems, base.material),
    teacher: readTeacher(input['teacher'], defaults, problems),
    hints: input['hints'] === undefined ? base.hints : readHints(input['hints'], defaults, problems),
    weighting: readWeighting(input['weighting'], defaults, problems),
    student: readKnobs(studentKnobs, input['student'], 'student', problems, base.student),
    schedule: readKnobs(scheduleKnobs, input['schedule'], 'schedule', problems, base.schedule),
    objective: readKnobs(objectiveKnobs, input['objective'], 'objective', problems, base.objective),
  };
  return { recipe, problems: fewProblems(problems) };
}

function readTeacher(input: unknown, defaults: Defaults, problems: Problem[]): Recipe['teacher'] {
  const section = readSection(input, 'teacher', problems);
  const fallback = defaults.recipe.teacher.kind;
  const kind = readId(section['kind'], teacherAbouts, fallback, 'teacher.kind', 'kind of teacher', problems);
  const knobs = teacherAbouts[kind].knobs as Knobs;
  return {
    kind,
    knobs: readKnobs(knobs, section['knobs'], 'teacher.knobs', problems, defaults.teacher(kind)),
  };
}

function readWeighting(input: unknown, defaults: Defaults, problems: Problem[]): Recipe['weighting'] {
  const section = readSection(input, 'weighting', problems);
  const fallback = defaults.recipe.weighting.id;
  const id = readId(section['id'], weightingAbouts, fallback, 'weighting.id', 'weighting', problems);
  const knobs = weightingAbouts[id].knobs as Knobs;
  return {
    id,
    knobs: readKnobs(knobs, section['knobs'], 'weighting.knobs', problems, defaults.weighting(id)),
  };
}

function readHints(input: unknown, defaults: Defaults, problems: Problem[]): HintEntry[] {
  if (!Array.isArray(input) || input.length > 8) {
    problems.push({ path: 'hints', message: 'Hints must be a list of at most eight.' });
    return [];
  }
  return input.flatMap((entry: unknown, index): HintEntry[] => {
    const path = `hints.${index}`;
    if (!isRecord(entry) || typeof entry['id'] !== 'string' || !Object.hasOwn(hintAbouts, entry['id'])) {
      const id = isRecord(entry) ? quotedValue(entry['id']) : quotedValue(entry);
      problems.push({ path, message: `${id} is not a hint of this page.` });
      return [];
    }
    const { id: name, knobs, ...common } = entry;
    const id = name as HintId;
    const first = defaults.hint(id);
    const base = { ...common, weight: common['weight'] ?? first.weight };
    return [
      {
        id,
        ...readKnobs(defaults.entryKnobs, base, path, problems, defaults.entry(id)),
        knobs: readKnobs(hintAbouts[id].knobs as Knobs, knobs, `${path}.knobs`, problems, first.knobs),
      },
    ];
  });
}

function readId<K extends string>(
  value: unknown,
  known: Record<K, unknown>,
  fallback: NoInfer<K>,
  path: string,
  what: string,
  problems: Problem[],
): K {
  if (value === undefined) return fallback;
  if (typeof value === 'string' && Object.hasOwn(known, value)) return value as K;
  problems.push({ path, message: `${quotedValue(value)} is not a ${what} of this page.` });
  return fallback;
}

function readSection(value: unknown, path: string, problems: Problem[]): Record<string, unknown> {
  if (value === undefined) return {};
  if (isRecord(value)) return value;
  problems.push({ path, message: `${path} must be an object.` });
  return {};
}

function readText(value: unknown, fallback: string, path: string, problems: Problem[]): string {
  if (value === undefined) return fallback;
  if (typeof value === 'string' && value.length <= mostCharacters.name) return value;
  problems.push({ path, message: `${path} must be a text of at most ${mostCharacters.name} characters.` });
  return fallback;
}

/** A note that is too long loses its end, with a sentence about it. */
function readNote(value: unknown, problems: Problem[]): string {
  if (value === undefined) return '';
  if (typeof value !== 'string') {
    problems.push({ path: 'note', message: 'note must be a text; it was left out.' });
    return '';
  }
  if (value.length <= longestNote) return value;
  const [length, most] = [value.length, longestNote].map((count) => count.toLocaleString('en-US'));
  problems.push({
    path: 'note',
    message: `The note has ${length} characters; the first ${most} are kept.`,
  });
  // Not between the halves of a character.
  return value.slice(0, longestNote).replace(/[\uD800-\uDBFF]$/, '');
}

function readExample(value: unknown, problems: Problem[]): string {
  if (value === undefined) return '';
  if (typeof value === 'string' && /^[a-z0-9-]{0,60}$/.test(value)) return value;
  problems.push({ path: 'example', message: 'example must be the name of an example; it was left out.' });
  return '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The knob at a dotted path ("schedule.learningRate", "hints.1.knobs.p", "hints.0.weight", "seed"), if there is one. */
export function knobAt(recipe: Recipe, path: string): Knob | undefined {
  const parts = path.split('.');
  const [section, second, third, fourth] = parts;
  const pick = (knobs: Knobs, name: string | undefined): Knob | undefined =>
    name !== undefined && Object.hasOwn(knobs, name) ? knobs[name] : undefined;
  switch (section) {
    case 'seed':
      return seedKnob;
    case 'material':
      return pick(materialKnobs, second);
    case 'student':
      return pick(studentKnobs, second);
    case 'schedule':
      return pick(scheduleKnobs, second);
    case 'objective':
      return pick(objectiveKnobs, second);
    case 'teacher':
      return second === 'knobs' ? pick(teacherAbouts[recipe.teacher.kind].knobs, third) : undefined;
    case 'weighting':
      return second === 'knobs' ? pick(weightingAbouts[recipe.weighting.id].knobs, third) : undefined;
    case 'hints': {
      const entry = recipe.hints[Number(second)];
      if (!entry) return undefined;
      return third === 'knobs' ? pick(hintAbouts[entry.id].knobs, fourth) : pick(hintEntryKnobs, third);
    }
    default:
      return undefined;
  }
}

/** The value at a dotted path, if there is a knob there. */
export function valueAt(recipe: Recipe, path: string): KnobValue | undefined {
  if (!knobAt(recipe, path)) return undefined;
  let value: unknown = recipe;
  for (const part of path.split('.')) value = (value as Record<string, unknown>)[part];
  return value as KnobValue;
}

/** Whether some loss asks for strongly changed copies of the student's images. */
export function showsStrongView(hints: readonly HintEntry[]): boolean {
  return hints.some(({ id }) => (hintAbouts[id] as HintAbout).strongView);
}

/** A copy of the recipe with one knob changed. The value is not checked: `knobProblem` does that. */
export function withValue(recipe: Recipe, path: string, value: KnobValue): Recipe {
  if (!knobAt(recipe, path)) throw new Error(`No knob at ${path}`);
  const copy = structuredClone(recipe);
  const parts = path.split('.');
  const last = parts.pop()!;
  let target = copy as unknown as Record<string, unknown>;
  for (const part of parts) target = target[part] as Record<string, unknown>;
  target[last] = value;
  return copy;
}
