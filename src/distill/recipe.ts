/**
 * The recipe: all that determines a run, as JSON. Same recipe, same backend: same numbers.
 * Reading one never throws: what is unusable is replaced by its default and reported.
 */
import { hintAbouts, type HintId } from './hints/abouts';
import {
  readKnobs,
  type Knob,
  type Knobs,
  type KnobValue,
  type KnobValues,
  type Problem,
  type ValuesOf,
  defaultsOf,
  defineKnobs,
  knobProblem,
} from './knobs';
import { materialKnobs } from './material/about';
import { scheduleKnobs } from './schedule/about';
import { studentKnobs } from './students/about';
import { teacherAbouts, type TeacherKind } from './teachers/abouts';
import { weightingAbouts, type WeightingId } from './weighting/abouts';

export const recipeVersion = 1;

/** One hint of a recipe with its weight. */
export interface HintEntry {
  id: HintId;
  /** Base weight of the hint in the objective. */
  weight: number;
  /** A nonsense hint on purpose: the teacher's traces of other images of the batch. */
  shuffled: boolean;
  knobs: KnobValues;
}

export interface Recipe {
  version: typeof recipeVersion;
  title: string;
  /** Id of the method whose page-side story this recipe tells; it determines nothing by itself. */
  method: string;
  seed: number;
  material: ValuesOf<typeof materialKnobs>;
  teacher: { kind: TeacherKind; knobs: KnobValues };
  hints: HintEntry[];
  weighting: { id: WeightingId; knobs: KnobValues };
  student: ValuesOf<typeof studentKnobs>;
  schedule: ValuesOf<typeof scheduleKnobs>;
  objective: ValuesOf<typeof objectiveKnobs>;
}

/** Knobs of the objective and of the lines trained beside the student. */
export const objectiveKnobs = defineKnobs({
  ceWeight: {
    kind: 'number',
    label: 'Label weight',
    help: 'Weight of the cross-entropy with the labels (gamma in the objective).',
    min: 0,
    max: 10,
    step: 0.05,
    default: 0.1,
    live: true,
  },
  control: {
    kind: 'switch',
    label: 'Control student',
    help: 'Trains the same student without a teacher in lockstep: same first weights, same labelled batches. It answers whether distillation helped.',
    default: true,
  },
  hardAnswers: {
    kind: 'switch',
    label: 'Teacher’s hard answers',
    help: 'A third student that learns from the teacher’s top class only. Shows how much of a gain is access to labels and how much is softness.',
    default: false,
  },
});

/** Common knobs of a hint entry, beside the hint's own. */
export const hintEntryKnobs = defineKnobs({
  weight: {
    kind: 'number',
    label: 'Weight',
    help: 'How strongly this hint pulls. Under hint-dynamic weighting it is the middle of the range from 0 to twice the value.',
    min: 0,
    max: 100_000,
    step: 0.05,
    default: 1,
    live: true,
  },
  shuffled: {
    kind: 'switch',
    label: 'Nonsense hint',
    help: 'A teaching device: the hint shows the teacher’s view of other images of the batch. A good weighting turns it down.',
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

export interface RecipeReading {
  /** Always usable. */
  recipe: Recipe;
  /** Empty when the input was read as it stands. */
  problems: Problem[];
}

/** Reads a recipe from parsed JSON (a file, a link, a stored run). */
export function readRecipe(input: unknown): RecipeReading {
  const problems: Problem[] = [];
  const base = defaultRecipe();
  if (!isRecord(input)) {
    problems.push({ path: '', message: 'A recipe must be a JSON object.' });
    return { recipe: base, problems };
  }
  // The recipe.json of a PyTorch folder holds the recipe beside its networks.
  if (isRecord(input['recipe']) && Array.isArray(input['hintKeys'])) return readRecipe(input['recipe']);
  if (input['version'] !== undefined && input['version'] !== recipeVersion) {
    problems.push({
      path: 'version',
      message: `This recipe has version ${describe(input['version'])}; this page reads version ${recipeVersion}.`,
    });
    return { recipe: base, problems };
  }
  const known = new Set([...Object.keys(base), '$schema', 'note']);
  for (const key of Object.keys(input))
    if (!known.has(key)) problems.push({ path: key, message: `“${key}” is not a part of a recipe.` });

  const seedFault = input['seed'] === undefined ? null : knobProblem(seedKnob, input['seed']);
  if (seedFault) problems.push({ path: 'seed', message: `Seed ${seedFault}.` });

  const recipe: Recipe = {
    version: recipeVersion,
    title: readText(input['title'], base.title, 'title', problems),
    method: readText(input['method'], base.method, 'method', problems),
    seed: input['seed'] === undefined || seedFault ? base.seed : (input['seed'] as number),
    material: readKnobs(materialKnobs, input['material'], 'material', problems),
    teacher: readTeacher(input['teacher'], problems),
    hints: input['hints'] === undefined ? base.hints : readHints(input['hints'], problems),
    weighting: readWeighting(input['weighting'], problems),
    student: readKnobs(studentKnobs, input['student'], 'student', problems),
    schedule: readKnobs(scheduleKnobs, input['schedule'], 'schedule', problems),
    objective: readKnobs(objectiveKnobs, input['objective'], 'objective', problems),
  };
  return { recipe, problems };
}

function readTeacher(input: unknown, problems: Problem[]): Recipe['teacher'] {
  const section = readSection(input, 'teacher', problems);
  const kind = readId(section['kind'], teacherAbouts, 'single', 'teacher.kind', 'kind of teacher', problems);
  return {
    kind,
    knobs: readKnobs(teacherAbouts[kind].knobs as Knobs, section['knobs'], 'teacher.knobs', problems),
  };
}

function readWeighting(input: unknown, problems: Problem[]): Recipe['weighting'] {
  const section = readSection(input, 'weighting', problems);
  const id = readId(section['id'], weightingAbouts, 'fixed', 'weighting.id', 'weighting', problems);
  return {
    id,
    knobs: readKnobs(weightingAbouts[id].knobs as Knobs, section['knobs'], 'weighting.knobs', problems),
  };
}

function readHints(input: unknown, problems: Problem[]): HintEntry[] {
  if (!Array.isArray(input) || input.length > 8) {
    problems.push({ path: 'hints', message: 'Hints must be a list of at most eight.' });
    return [];
  }
  return input.flatMap((entry: unknown, index): HintEntry[] => {
    const path = `hints.${index}`;
    if (!isRecord(entry) || typeof entry['id'] !== 'string' || !Object.hasOwn(hintAbouts, entry['id'])) {
      const id = isRecord(entry) ? describe(entry['id']) : describe(entry);
      problems.push({ path, message: `${id} is not a hint of this page.` });
      return [];
    }
    const { id, knobs, ...common } = entry;
    const about = hintAbouts[id as HintId];
    const base = { ...common, weight: common['weight'] ?? about.defaultWeight };
    return [
      {
        id: id as HintId,
        ...readKnobs(hintEntryKnobs, base, path, problems),
        knobs: readKnobs(about.knobs as Knobs, knobs, `${path}.knobs`, problems),
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
  problems.push({ path, message: `${describe(value)} is not a ${what} of this page.` });
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
  if (typeof value === 'string' && value.length <= 200) return value;
  problems.push({ path, message: `${path} must be a text of at most 200 characters.` });
  return fallback;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
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
