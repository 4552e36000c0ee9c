/** Networks that suit a data set, for a recipe whose own do not: the student clearly smaller, both fit for the losses. */
import { outputOnly, type HintAbout, type PairFacts, type TargetKind } from '../../distill/about';
import { hintAbouts } from '../../distill/hints/abouts';
import { refusalOf } from '../../distill/hints/refusal';
import { valueAt, withValue, type Recipe } from '../../distill/recipe';
import { teacherAbouts } from '../../distill/teachers/abouts';
import { bundledTeachers, foreignModel } from '../../distill/teachers/single/about';
import { describeNetwork, type NetworkDescription, type InputShape } from '../../nn/describe';

/** What of a data set decides. */
export interface SetShape {
  /** As the student sees an instance. */
  input: InputShape;
  /** As the teacher sees it, where that is something else. */
  teaching?: InputShape;
  target: TargetKind;
  /** Of the networks: classes, numbers or labels. */
  outputs: number;
  /** To train on. */
  images: number;
}

interface Described extends NetworkDescription {
  name: string;
}

/** How many times larger than the student a teacher is at least. */
const clearly = 2;

/** The recipe as it is where its pair suits the images, else with networks that do. */
export function withFittingPair(recipe: Recipe, set: SetShape): Recipe {
  const { teacher, student } = recipe;
  const { size } = teacherAbouts[teacher.kind];
  const isTrained = valueAt(recipe, 'teacher.knobs.network') !== undefined && sourceOf(recipe) === 'train';
  const given = teacherName(recipe);
  const own = described(student.network, set, 'student');
  // Learners of one size, and a network that teaches itself, are meant as they are.
  const isFree = size === 'free' || given === null || given === student.network;
  const suits = (taught: Described, teaching: Described | null) =>
    (isFree || !teaching || taught.parameters * clearly <= teaching.parameters) &&
    fitsLosses(recipe, set, taught, teaching);
  const teaching = given === null ? null : described(given, set, 'teacher');
  if (own && (given === null || teaching) && suits(own, teaching)) return recipe;

  const [teachers, students] = candidates(set);
  const put = (name: string, by: string | null) => {
    const next = withValue(recipe, 'student.network', name);
    return isTrained && by !== null ? withValue(next, 'teacher.knobs.network', by) : next;
  };
  // Peers and networks that teach themselves are of one size.
  if (given !== null && isTrained && isFree) {
    const only = students.find((name) => {
      const [one, other] = [described(name, set, 'student'), described(name, set, 'teacher')];
      return one && other && suits(one, other);
    });
    return only === undefined ? recipe : put(only, only);
  }
  const offered = [...(given === null ? [] : [given]), ...(isTrained ? teachers : [])];
  for (const by of given === null ? [null] : offered)
    for (const name of [student.network, ...students]) {
      const taught = described(name, set, 'student');
      const from = by === null ? null : described(by, set, 'teacher');
      if (taught && (by === null || from) && suits(taught, from)) return put(name, by);
    }
  return recipe;
}

/** Why a loss of the recipe cannot work with its networks, where other networks could: a sentence, else null. */
export function misfit(recipe: Recipe, set: SetShape): string | null {
  const given = teacherName(recipe);
  const student = described(recipe.student.network, set, 'student');
  const teacher = given === null ? null : described(given, set, 'teacher');
  if (!student || (given !== null && !teacher)) return null;
  const why = refusal(recipe, set, student, teacher);
  return why !== null && withFittingPair(recipe, set) !== recipe ? why : null;
}

/** Teachers and students, the best first; a larger or harder set gets larger ones. */
function candidates({ input, outputs, images }: SetShape): [string[], string[]] {
  if (input.length === 1)
    return [
      ['mlp-128-64', 'mlp-64-32'],
      ['mlp-16', 'mlp-8', 'mlp-32'],
    ];
  const [height, width] = input;
  const side = Math.min(height, width);
  const pool = side >= 28 ? '-pool' : '';
  const isHard = outputs > 20 || (images > 5000 && side > 8);
  const teachers = ['cnn2-16-32-64', 'cnn2-24-48-96'].map((name) => name + pool);
  const students = ['cnn-4-8-16', 'cnn-8-16-32'].map((name) => name + pool);
  if (isHard) {
    teachers.reverse();
    students.reverse();
  }
  // Images too small for maps still have their pixels.
  return [
    [...teachers, 'cnn2-16-32-64', 'mlp-128-64'],
    [...students, 'cnn-4-8-16', 'mlp-32', 'mlp-16', 'mlp-8'],
  ];
}

const sourceOf = ({ teacher }: Recipe) => teacher.knobs.source ?? 'train';

/** The network that teaches, null where there is none or where it shows only its answers. */
function teacherName(recipe: Recipe): string | null {
  const { network, fileNetwork } = recipe.teacher.knobs;
  const source = sourceOf(recipe);
  if (source === 'file') return fileNetwork === foreignModel ? null : (fileNetwork ?? null);
  if (source !== 'train') return bundledTeachers[source].network;
  return network ?? null;
}

function described(
  name: string,
  { input, teaching = input, outputs }: SetShape,
  role: 'teacher' | 'student',
): Described | null {
  const description = describeNetwork(name, role === 'teacher' ? teaching : input, outputs);
  return 'problem' in description ? null : { ...description, name };
}

function fitsLosses(...pair: Parameters<typeof refusal>): boolean {
  return refusal(...pair) === null;
}

/** The sentence of the first loss that refuses the pair. */
function refusal(
  recipe: Recipe,
  set: SetShape,
  taught: Described,
  teaching: Described | null,
): string | null {
  const pair: PairFacts = {
    input: set.input.length === 1 ? 'vector' : 'image',
    target: set.target,
    outputs: set.outputs,
    batch: recipe.schedule.batch,
    student: taught.trace,
    teacher: teaching?.trace ?? outputOnly,
    names: { student: taught.name, teacher: teaching?.name ?? null },
  };
  for (const { id, knobs } of recipe.hints) {
    const about: HintAbout = hintAbouts[id];
    const why = refusalOf(about, pair, knobs);
    // What the teacher's own network could not be taught either is no matter of the student's.
    if (why !== null && refusalOf(about, { ...pair, student: pair.teacher }, knobs) === null) return why;
  }
  return null;
}
