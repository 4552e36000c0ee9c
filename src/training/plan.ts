/** The plan of a run: everything that follows from recipe and data set before training. Holds no tensor. */
import { classNames, type Dataset, type TargetSpec } from '../data/dataset';
import { isStored } from '../data/stored-column';
import { weightingAbouts } from '../distill/weighting/abouts';
import {
  isOutputOnly,
  isTeacherFree,
  outputOnly,
  readsOf,
  type HintAbout,
  type PairFacts,
  type WeightingAbout,
} from '../distill/about';
import { hintAbouts } from '../distill/hints/abouts';
import { refusalOf, targetNames } from '../distill/hints/refusal';
import { publishedOf, withResolvedWeights, type ResolvedRecipe } from '../distill/hints/weights';
import { inputSourceOf, type Feeds, type InputSource } from '../distill/modalities/input-source';
import { inputViews, isSameView, undisturbed, type InputView } from '../distill/modalities/input-view';
import { RowSource } from '../distill/modalities/row-source';
import { applicableKnobs } from '../distill/material/applicable';
import { disturbingKnob, materialKnobs } from '../distill/material/about';
import { modalityAbouts } from '../distill/modalities/about';
import { batchSplit } from '../distill/material/batch-split';
import { otherSetOf } from '../distill/material/other-sets';
import { materialProblem, prepareMaterial, type Material } from '../distill/material/material';
import { defaultsOf } from '../distill/knobs';
import type { HintEntry, Recipe } from '../distill/recipe';
import { scheduleKnobs } from '../distill/schedule/about';
import { studentKnobs } from '../distill/students/about';
import { targetRefusal } from '../distill/target-refusal';
import { hasTwin } from '../distill/students/precision';
import { answersByRows, lineArrow } from '../distill/teachers/abouts';
import { rotatedClasses } from '../distill/teachers/corruption';
import { extraLabels } from '../distill/weighting/hint-dynamic/about';
import type { InputShape, NetworkDescription } from '../nn/describe';
import type { RunFacts } from './events';
import { RunFailure } from './failure';
import { refuseWithoutAnswers } from './features-only';
import { planGeneration, type GenerationPlan } from './generation/plan';
import { precisionNotes, refusePrecision, refuseStart, weightBits } from './precision-notes';
import { describeOrRefuse } from './teachers/teacher-networks';
import { teacherKinds } from './teachers/teacher-kinds';
import type { TeacherPlan, TeacherSetting } from './teachers/teacher';

export interface Plan {
  /** With the weights that the run starts with, as numbers. */
  recipe: ResolvedRecipe;
  material: Material;
  /** Of the view that the student and the lines beside it see. */
  source: InputSource;
  /** [h,w,c] as they see the images */
  input: InputShape;
  outputs: number;
  /** As kinds of teachers see the run. Its source is the student's where both see the same view. */
  teaching: TeacherSetting;
  /** Null without a teacher. */
  teacher: TeacherPlan | null;
  /** Null where no pictures are generated. */
  generation: GenerationPlan | null;
  pair: PairFacts;
  /** One per hint of the recipe: its id, numbered from the second of a kind on. */
  hintKeys: string[];
  /** Whether the teacher looks at partners of the student's instances (see `Partners`). */
  partners: boolean;
  /** Steps of each hint's prelude, 0 for none. */
  preludes: number[];
  /** Whether a control student would differ from the student. */
  control: boolean;
  /** Whether a student in full precision learns from the labels beside one in low precision. */
  twin: boolean;
  facts: Omit<RunFacts, 'extraParameters' | 'memory'>;
}

/** @throws RunFailure with a sentence and a knob when the recipe does not fit the data or itself. */
export function planRun(wanted: Recipe, dataset: Dataset): Plan {
  const ofMaterial = applicableKnobs(materialKnobs, wanted.material, dataset);
  const ofLearner = applicableKnobs(studentKnobs, wanted.student, dataset);
  const asked = { ...wanted, material: ofMaterial.values, student: ofLearner.values };
  if (isStored(dataset.train)) refuseWhole(asked.material, dataset);
  const { knobs, id } = asked.weighting;
  const { extraPerClass }: WeightingAbout = weightingAbouts[id];
  const material = prepareMaterial(dataset, {
    knobs: asked.material,
    seed: asked.seed,
    metaPerClass: asked.hints.length > 0 ? (extraPerClass?.(knobs) ?? 0) : 0,
  });
  const fault = materialProblem(material, asked.material);
  if (fault) throw new RunFailure(fault.message, { knob: `material.${fault.knob}` });
  const views = inputViews(asked);
  const source = inputSourceOf(material.dataset, views.student);
  const input = source.shape;
  refuseUnevenSides(source);
  const recipe = withResolvedWeights(asked, input);
  const { outputs } = material.task;
  const byRows = answersByRows(recipe.teacher);
  if (byRows) refuseUnrecorded(recipe);
  const shown = byRows
    ? new RowSource(material.dataset, views.student)
    : isSameView(views.student, views.teacher)
      ? source
      : inputSourceOf(material.dataset, views.teacher);
  const ofStudent = { recipe, input, outputs };
  const teaching = { recipe, material, source: shown, input: shown.shape, outputs };
  const student = describeOrRefuse(recipe.student.network, { input, outputs }, 'student.network');
  const { kind } = recipe.teacher;
  const unfit = targetRefusal(recipe, dataset.target.kind);
  if (unfit) throw new RunFailure(unfit.message, { knob: unfit.knob });
  const teacher = kind === 'none' ? null : teacherKinds[kind].plan(teaching);
  const generation = planGeneration(teaching, teacher);
  const partners = teacher !== null && recipe.material.partner === 'class';
  const pair: PairFacts = {
    input: source.spec.kind,
    target: dataset.target.kind,
    outputs,
    batch: imagesPerBatch(material, recipe.schedule.batch),
    student: student.trace,
    teacher: teacher?.trace ?? outputOnly,
    otherView: shown !== source || partners,
    byRows,
    ...(teacher?.featuresOnly ? { featuresOnly: true } : {}),
    names: {
      student: recipe.student.network,
      teacher: teacher?.networks.length === 1 ? teacher.networks[0]!.name : null,
    },
  };
  refuseStart(ofStudent, teacher, shown.shape);
  refusePrecision(ofStudent);
  refuseHints(recipe, pair);
  if (pair.featuresOnly) refuseWithoutAnswers(recipe);
  if (pair.otherView) refuseOtherViews(recipe, views);
  refuseCorruption(recipe, dataset.target);

  const batch = recipe.schedule.batch;
  const isLabelled = batchSplit(material, batch).labelled > 0;
  if (!isLabelled && !material.labelsMade) refuseWithoutLabels(recipe);
  const control = recipe.objective.control && (recipe.hints.length > 0 || material.labelsMade) && isLabelled;
  const preludes = recipe.hints.map(
    ({ id, knobs }) => aboutOf(id).preludeSteps?.(knobs, recipe.schedule.steps) ?? 0,
  );
  return {
    recipe,
    material,
    source,
    input,
    outputs,
    teaching,
    teacher,
    generation,
    pair,
    partners,
    preludes,
    hintKeys: hintKeysOf(recipe.hints),
    control,
    twin: hasTwin(recipe.student) && isLabelled,
    facts: {
      task: dataset.task,
      ...namedTargets(dataset.target),
      dataset: { id: dataset.id, title: dataset.title, classes: classNames(dataset), shape: input },
      hintWeights: recipe.hints.map(({ id, weight }) => ({ weight, published: publishedOf(id) })),
      labelled: isLabelled ? material.labelled.length : 0,
      unlabelled: material.unlabelled.length,
      ...(generation ? { generated: material.labelsMade ? 'labelled' : 'unlabelled' } : {}),
      meta: material.meta.length,
      validation: material.validation.length,
      test: dataset.test.count,
      wrongLabels: material.wrongLabels,
      networks: [
        ...(teacher?.networks ?? []).map(({ name, description }) =>
          costOf('teacher', name, description, batch),
        ),
        {
          ...costOf('student', recipe.student.network, student, batch),
          ...weightBits(ofStudent),
        },
      ],
      teacherSteps: teacher?.steps ?? 0,
      ...(generation ? { generatorSteps: stepsOfGeneration(generation) } : {}),
      preludeSteps: preludes.reduce((sum, steps) => sum + steps, 0),
      studentSteps: recipe.schedule.steps,
      notes: [
        ...ofMaterial.leftOut,
        ...ofLearner.leftOut,
        ...(byRows ? recordedNotes(recipe, modalityAbouts[source.spec.kind]) : []),
        ...(teacher && !byRows ? notesOnViews(source, shown) : []),
        ...(partners
          ? [
              `For ${modalityAbouts[source.spec.kind].many} with a label the teacher looks at a partner: another one with the same label, drawn anew each time.`,
            ]
          : []),
        ...precisionNotes(ofStudent),
        ...notesOn(recipe, material, control, modalityAbouts[source.spec.kind].many),
        ...recipe.hints.flatMap(({ id, knobs }) => aboutOf(id).note?.(pair, knobs) ?? []),
        ...(generation?.notes ?? []),
        ...(teacher?.notes ?? []),
        ...lineNote(recipe),
      ],
    },
  };
}

const stepsOfGeneration = ({ steps }: GenerationPlan) => steps.gan + steps.ratio + steps.sampling;

/** Of targets that are no classes, which have a place of their own. */
function namedTargets(target: TargetSpec): Pick<RunFacts, 'targets'> {
  if (target.kind === 'class') return {};
  const { names } = target;
  return { targets: { names, units: target.kind === 'number' ? target.units : names.map(() => '') } };
}

/**
 * Each view is normalised by all training images but those held out for validation. A teacher that was trained
 * elsewhere brings its own normalisation, which the student shares where it sees the same view.
 */
export function feedsOf({ material, source, teaching, teacher }: Plan): Feeds {
  const held = new Set(material.validation);
  const rows = material.known.filter((row) => !held.has(row));
  const ofTeacher = {
    source: teaching.source,
    normalisation: teacher?.normalisation ?? teaching.source.normalisation(rows),
  };
  const student =
    source === teaching.source ? ofTeacher : { source, normalisation: source.normalisation(rows) };
  return { student, teacher: ofTeacher };
}

/** A set that is read row by row is not changed as a whole. */
function refuseWhole(material: Recipe['material'], { title }: Dataset): void {
  const disturbing = disturbingKnob(material);
  const adds = material.unlabelled > 0 && material.unlabelledFrom !== 'rest';
  if (!disturbing && !adds) return;
  const what = disturbing ? `“${disturbing.label}”` : `“${materialKnobs.unlabelledFrom.label}”`;
  const knob = disturbing
    ? Object.keys(materialKnobs).find(
        (name) => materialKnobs[name as keyof typeof materialKnobs] === disturbing,
      )
    : 'unlabelledFrom';
  throw new RunFailure(
    `“${title}” is too large for the memory and is read from where it is stored, and ${what} makes a changed copy of all images. Leave it as it is set at first, or import the set with smaller images.`,
    { knob: `material.${knob}` },
  );
}

function refuseUnevenSides({ spec, view }: InputSource): void {
  if (spec.kind !== 'image' || (spec.height % view.block === 0 && spec.width % view.block === 0)) return;
  const by = view.block === 4 ? 2 : 1;
  throw new RunFailure(
    `“${studentKnobs.view.label}: half size” needs even sides, and the teacher sees ${spec.height / by}×${spec.width / by}. Show the student the same picture.`,
    { knob: 'student.view' },
  );
}

/** The networks that taught one after the other, where the teacher comes from a run. */
function lineNote(recipe: Recipe): string[] {
  const { fileLine = '', source = 'file' } = recipe.teacher.knobs;
  if (fileLine === '' || source !== 'file') return [];
  return [`A line of networks: ${[...fileLine.split(lineArrow), recipe.student.network].join(lineArrow)}.`];
}

/** A recorded teacher knows the instances of the set and no others. */
function refuseUnrecorded({ material }: Recipe): void {
  const { unlabelled, unlabelledFrom } = material;
  if (unlabelled === 0 || unlabelledFrom === 'rest') return;
  const which = { stimuli: 'stimuli', generated: 'generated pictures', 'second-domain': 'a second domain' };
  throw new RunFailure(
    `The teacher’s answers are recorded for the instances of the set, so it cannot answer for ${which[unlabelledFrom]}. Set “${materialKnobs.unlabelledFrom.label}” to “The rest of the set”, or take a teacher that is a network.`,
    { knob: 'material.unlabelledFrom' },
  );
}

/** What is done to the instances that a recorded teacher does not see. */
function recordedNotes({ material }: Recipe, { many, one }: { many: string; one: string }): string[] {
  const { shift, flip } = material;
  const disturbing = disturbingKnob(material);
  const done = [
    ...(shift > 0 || flip ? ['shifted or mirrored'] : []),
    ...(disturbing ? ['disturbed'] : []),
    ...(material.halve ? ['downsampled'] : []),
  ];
  const also =
    done.length > 0
      ? `, also where the student sees ${one === 'row' ? 'it' : 'them'} ${done.join(' and ')}`
      : '';
  return [`The teacher’s answers are recorded: they are of the ${many} as they are in the set${also}.`];
}

/** What each sees, where that differs. */
function notesOnViews(student: InputSource, teacher: InputSource): string[] {
  const notes: string[] = [];
  const side = ({ shape: [height, width] }: InputSource) => `${height}×${width}`;
  if (student.view.block !== teacher.view.block)
    notes.push(
      `The teacher sees images of ${side(teacher)}, the student and its baseline the same images at ${side(student)}.`,
    );
  if (teacher.view.input === undisturbed)
    notes.push('The teacher sees the images before noise, blur and contrast, also where it is measured.');
  return notes;
}

/** Images per batch of the student: fewer than asked for in a small pool (as `StudentBatches` makes them). */
function imagesPerBatch(material: Material, batch: number): number {
  const { labelled, unlabelled } = batchSplit(material, batch);
  return labelled + unlabelled;
}

/** Whether a meta step is done, on the next training batch. */
function asksNextBatch({ hints, weighting }: Recipe): boolean {
  return hints.length > 0 && weighting.knobs.metaSet === 'next-batch';
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

function costOf(
  role: 'teacher' | 'student',
  name: string,
  { parameters, multiplyAdds, activationFloats, largestMap, largestParameter }: NetworkDescription,
  batch: number,
): RunFacts['networks'][number] {
  return {
    ...{ role, name, parameters, multiplyAdds },
    activationBytes: 4 * activationFloats * batch,
    largestBytes: { map: 4 * largestMap * batch, parameter: 4 * largestParameter },
  };
}

function refuseHints({ hints, teacher }: Recipe, pair: PairFacts): void {
  const showsOutputs = pair.teacher.stages.length === 0 && pair.teacher.embedding.length === 0;
  hints.forEach(({ id, knobs }, index) => {
    const about = aboutOf(id);
    const reads = readsOf(about, knobs);
    if (teacher.kind === 'none' && !isTeacherFree(about))
      throw new RunFailure(
        `“${about.title}” needs a teacher, and the recipe has none. Choose a teacher, or take the loss out.`,
        { knob: null },
      );
    if (showsOutputs && !isOutputOnly(reads) && !reads.includes('gradients'))
      throw new RunFailure(
        `“${about.title}” reads features inside the teacher${typeof about.reads === 'function' ? ' as it is set' : ''}, and this one shows only its outputs. What works with it: ${outputHints()}.`,
        { knob: `hints.${index}.weight` },
      );
    const why = refusalOf(about, pair, knobs);
    if (!why) return;
    // Where the teacher's own network could be taught, the student's is the one to change.
    const forStudent =
      teacher.kind !== 'none' && !refusalOf(about, { ...pair, student: pair.teacher }, knobs);
    throw new RunFailure(why, { knob: forStudent ? 'student.network' : `hints.${index}.weight` });
  });
}

/** For a recipe under which no instance of a batch has a label. */
function refuseWithoutLabels({ hints, schedule, weighting: { id, knobs } }: Recipe): void {
  if (hints.length === 0)
    throw new RunFailure(
      'No image has a label and there is no distillation loss, so there is nothing to learn. Raise “Labelled share of a batch”, or add a loss.',
      { knob: 'material.realShare' },
    );
  if (hints.every((hint) => isTeacherFree(aboutOf(hint.id))))
    throw new RunFailure(
      `“${aboutOf(hints[0]!.id).title}” makes its targets of labels, and no image has one here, so there is nothing to learn. Raise “${materialKnobs.realShare.label}”, or add a loss that a teacher gives.`,
      { knob: 'material.realShare' },
    );
  if (schedule.distilUntil < 100)
    throw new RunFailure(
      `After ${schedule.distilUntil} % of the run the student learns from labels alone, and no image has one here. Set “${scheduleKnobs.distilUntil.label}” to 100, or raise “${materialKnobs.realShare.label}”.`,
      { knob: 'schedule.distilUntil' },
    );
  const { asksLabels }: WeightingAbout = weightingAbouts[id];
  if (asksLabels?.(knobs))
    throw new RunFailure(
      'HKD asks on labelled images of the student’s batches whether a step helped, and none has a label here. Take a held-out meta set, take fixed weights, or raise “Labelled share of a batch”.',
      { knob: 'weighting.knobs.metaSet' },
    );
}

/** Losses that move instances along the teacher's gradients show both the same. */
function refuseOtherViews({ hints }: Recipe, { student, teacher }: ReturnType<typeof inputViews>): void {
  const moving = hints.find(({ id, knobs }) => readsOf(aboutOf(id), knobs).includes('gradients'));
  if (!moving) return;
  throw new RunFailure(
    `“${aboutOf(moving.id).title}” moves the pictures that teacher and student see, so both must see the same ones. Show them the same, or take the loss out.`,
    { knob: otherViewKnob(student, teacher) },
  );
}

/** The knob by which teacher and student see different inputs. */
function otherViewKnob(student: InputView, teacher: InputView): string {
  if (student.input !== teacher.input) return 'material.teacherView';
  return student.block === teacher.block ? 'material.partner' : 'student.view';
}

function refuseCorruption({ teacher }: Recipe, target: TargetSpec): void {
  if (teacher.knobs.corruption !== 'rotated') return;
  if (target.kind !== 'class')
    throw new RunFailure(
      `Wrong answers for half of the classes need classes, and this set’s targets are ${targetNames[target.kind]}. Corrupt the teacher in the other way, or not at all.`,
      { knob: 'teacher.knobs.corruption' },
    );
  const classes = target.names.length;
  if (rotatedClasses(classes).length > 1) return;
  throw new RunFailure(
    `Wrong answers for half of the classes are answers exchanged among that half, and half of ${classes} classes is one class. Corrupt the teacher in the other way, or not at all.`,
    { knob: 'teacher.knobs.corruption' },
  );
}

/** Titles of the losses that read a teacher's outputs alone, and of those that can. */
function outputHints(): string {
  return Object.values<HintAbout>(hintAbouts)
    .filter((about) => !isTeacherFree(about))
    .flatMap((about) => {
      const { title, knobs, reads } = about;
      if (typeof reads !== 'function') return isOutputOnly(reads) && !reads.includes('more') ? [title] : [];
      return isOutputOnly(reads({ ...defaultsOf(knobs), space: 'logits' }))
        ? [`${title} compared in logits`]
        : [];
    })
    .join(', ');
}

function noLabels({ dataset: { target } }: Material, instances: string): string {
  const chance =
    target.kind === 'class'
      ? ` Guessing would be right on ${(100 / target.names.length).toFixed(1)} % of the ${instances}.`
      : '';
  return `No baseline: none of the student’s ${instances} has a label, so labels alone teach nothing.${chance}`;
}

function aboutOf(id: HintEntry['id']): HintAbout {
  return hintAbouts[id] as HintAbout;
}

function notesOn(recipe: Recipe, material: Material, control: boolean, instances: string): string[] {
  const notes: string[] = [];
  const { meta, labelled } = material;
  const corruption = recipe.teacher.knobs.corruption;
  if (otherSetOf(recipe.material)?.for === 'second-domain' && !material.dataset.secondTest)
    notes.push(
      'The set in the place of the second domain has no labelled test images, so nothing is scored on it.',
    );
  if (meta.length > 0)
    notes.push(
      `Learned with ${extraLabels(meta.length)}: HKD keeps them apart, clean, for its meta step, and the baseline does not have them.`,
    );
  else if (asksNextBatch(recipe) && batchSplit(material, recipe.schedule.batch).labelled === labelled.length)
    notes.push(
      `Every batch holds all labelled ${instances}, so the next batch, on which HKD asks whether a step helped, is that of the step. More labels, a smaller batch or a held-out meta set keep them apart.`,
    );
  if (corruption === 'rotated')
    notes.push(
      'The teacher’s answers are wrong on purpose for the upper half of the classes; its features stay right.',
    );
  if (corruption === 'other-images')
    notes.push(
      `On purpose, the student is shown the teacher’s answers and features for another ${instances.slice(0, -1)} of the batch.`,
    );
  if (recipe.hints.length === 0 && !material.labelsMade)
    notes.push('There is no distillation loss, so the student is its own baseline.');
  else if (batchSplit(material, recipe.schedule.batch).labelled === 0)
    notes.push(noLabels(material, instances));
  else if (!control) notes.push('Without a baseline this run cannot say whether distillation helps.');
  if (recipe.schedule.batch > labelled.length && material.unlabelled.length === 0)
    notes.push(`Only ${labelled.length} ${instances} have a label, so batches hold ${labelled.length}.`);
  return notes;
}
