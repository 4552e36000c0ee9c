/** What a run of a recipe on a data set will be, worked out before anything is trained. Holds no tensor. */
import type { Dataset } from '../data/dataset';
import type { PairFacts } from '../distill/about';
import { hintAbouts } from '../distill/hints/abouts';
import type { Knobs, ValuesOf } from '../distill/knobs';
import { ImageSource } from '../distill/material/images';
import { materialProblem, prepareMaterial, type Material } from '../distill/material/material';
import type { HintEntry, Recipe } from '../distill/recipe';
import {
  bundledTeachers,
  type BundledTeacherId,
  type singleTeacherKnobs,
} from '../distill/teachers/single/about';
import { describeNetwork, type NetworkDescription } from '../nn/describe';
import type { RunFacts } from './events';
import { RunFailure } from './failure';

export interface Plan {
  recipe: Recipe;
  material: Material;
  source: ImageSource;
  /** [h,w,c] as networks see the images */
  input: [number, number, number];
  classes: number;
  teacher: TeacherPlan | null;
  pair: PairFacts | null;
  /** One per hint of the recipe: its id, numbered from the second of a kind on. */
  hintKeys: string[];
  /** Whether a control student would differ from the student. */
  control: boolean;
  facts: Omit<RunFacts, 'extraParameters'>;
}

export interface TeacherPlan {
  network: string;
  bundled: BundledTeacherId | null;
  /** Rows of the training split that a teacher trained here learns from. */
  rows: Int32Array;
  /** [Ntrain] the labels it learns */
  labels: Int32Array;
  steps: number;
  knobs: ValuesOf<typeof singleTeacherKnobs>;
}

/** @throws RunFailure with a sentence and a knob when the recipe does not fit the data or itself. */
export function planRun(recipe: Recipe, dataset: Dataset): Plan {
  const { knobs, id } = recipe.weighting;
  const heldOut = id === 'hint-dynamic' && recipe.hints.length > 0 && knobs['metaSet'] === 'held-out';
  const material = prepareMaterial(dataset, {
    knobs: recipe.material,
    seed: recipe.seed,
    metaPerClass: heldOut ? Number(knobs['metaPerClass']) : 0,
  });
  const fault = materialProblem(material, recipe.material);
  if (fault) throw new RunFailure(fault.message, { knob: `material.${fault.knob}` });
  if (recipe.hints.length > 0 && recipe.teacher.kind === 'none')
    throw new RunFailure(
      'The recipe has hints but no teacher to give them. Choose a teacher, or take the hints out.',
      {
        knob: null,
      },
    );

  const source = new ImageSource(dataset, recipe.material.halve);
  const input: Plan['input'] = [source.height, source.width, source.channels];
  const classes = dataset.classes.length;
  const student = describe(recipe.student.network, input, classes, 'student.network');
  const teacher = planTeacher(recipe, material);
  const teacherNet = teacher && describe(teacher.network, input, classes, 'teacher.knobs.network');
  const pair = teacherNet && { classes, student: student.trace, teacher: teacherNet.trace };
  if (pair) refuseHints(recipe.hints, pair);

  const batch = recipe.schedule.batch;
  const control = recipe.objective.control && recipe.hints.length > 0;
  return {
    recipe,
    material,
    source,
    input,
    classes,
    teacher,
    pair,
    hintKeys: hintKeysOf(recipe.hints),
    control,
    facts: {
      dataset: { id: dataset.id, title: dataset.title, classes: dataset.classes, shape: input },
      labelled: material.labelled.length,
      unlabelled: material.unlabelled.length,
      meta: material.meta.length,
      validation: material.validation.length,
      test: dataset.test.count,
      wrongLabels: material.wrongLabels,
      networks: [
        ...(teacher && teacherNet ? [costOf('teacher', teacher.network, teacherNet, batch)] : []),
        costOf('student', recipe.student.network, student, batch),
      ],
      teacherSteps: teacher?.bundled === null ? teacher.steps : 0,
      studentSteps: recipe.schedule.steps,
      notes: notesOn(recipe, material, control),
    },
  };
}

/** Names of hints in charts and files: "kd", "fitnet", "kd-2". */
export function hintKeysOf(hints: readonly HintEntry[]): string[] {
  const seen = new Map<string, number>();
  return hints.map(({ id }) => {
    const count = (seen.get(id) ?? 0) + 1;
    seen.set(id, count);
    return count === 1 ? id : `${id}-${count}`;
  });
}

function describe(name: string, input: Plan['input'], classes: number, knob: string): NetworkDescription {
  const description = describeNetwork(name, input, classes);
  if ('problem' in description) throw new RunFailure(description.problem, { knob });
  return description;
}

function costOf(
  role: 'teacher' | 'student',
  name: string,
  { parameters, multiplyAdds, activationFloats }: NetworkDescription,
  batch: number,
): RunFacts['networks'][number] {
  return { role, name, parameters, multiplyAdds, activationBytes: 4 * activationFloats * batch };
}

function planTeacher(recipe: Recipe, material: Material): TeacherPlan | null {
  if (recipe.teacher.kind === 'none') return null;
  const knobs = recipe.teacher.knobs as ValuesOf<typeof singleTeacherKnobs>;
  const bundled = knobs.source === 'train' ? null : knobs.source;
  const held = new Set(material.validation);
  const { train } = material.dataset;
  const rows =
    knobs.labels === 'student'
      ? material.labelled
      : Int32Array.from({ length: train.count }, (_, row) => row).filter((row) => !held.has(row));
  const batch = Math.min(knobs.batch, rows.length);
  return {
    network: bundled ? bundledTeachers[bundled].network : knobs.network,
    bundled,
    rows,
    labels: knobs.labels === 'student' ? material.givenLabels : train.labels,
    steps: knobs.epochs * Math.max(1, Math.floor(rows.length / batch)),
    knobs,
  };
}

function refuseHints(hints: readonly HintEntry[], pair: PairFacts): void {
  hints.forEach(({ id }, index) => {
    const about = hintAbouts[id] as { refuse?: (facts: PairFacts) => string | null; knobs: Knobs };
    const why = about.refuse?.(pair);
    if (why) throw new RunFailure(why, { knob: `hints.${index}.weight` });
  });
}

function notesOn(recipe: Recipe, material: Material, control: boolean): string[] {
  const notes: string[] = [];
  const { meta, wrongLabels, labelled } = material;
  const corruption = recipe.teacher.knobs['corruption'];
  if (meta.length > 0)
    notes.push(
      `HKD keeps ${meta.length} clean labelled images apart for its meta step: labels that the control does not have.`,
    );
  if (wrongLabels > 0) notes.push(`${wrongLabels} of ${labelled.length} labels are wrong on purpose.`);
  if (corruption === 'rotated')
    notes.push('The teacher is wrong on purpose about the upper half of the classes.');
  if (corruption === 'other-images')
    notes.push('The teacher is shown to the student with the answers of other images.');
  if (recipe.hints.length === 0) notes.push('Nothing is taught, so the student is its own control.');
  else if (!control) notes.push('Without a control student there is no telling whether distillation helps.');
  if (recipe.schedule.batch > labelled.length && material.unlabelled.length === 0)
    notes.push(`Only ${labelled.length} images have a label, so batches hold ${labelled.length}.`);
  return notes;
}
