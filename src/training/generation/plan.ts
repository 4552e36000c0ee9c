/** What a run that generates pictures is to do, before a tensor exists. */
import { imageShape } from '../../nn/network';
import { halvings, pictureProblem, type Condition } from '../../nn/networks/generator';
import type { ImageShape } from '../../nn/describe';
import { onlyView, targetsOf, type Split, type Targets } from '../../data/dataset';
import { bundledGenerators, type BundledGeneratorId } from '../../distill/material/generated/about';
import { materialKnobs } from '../../distill/material/about';
import type { Material } from '../../distill/material/material';
import { imageSourceOf, type ImageSource } from '../../distill/modalities/image/image-source';
import { inputSourceOf } from '../../distill/modalities/input-source';
import type { TeacherAbout } from '../../distill/about';
import { teacherAbouts } from '../../distill/teachers/abouts';
import { RunFailure } from '../failure';
import { sizesOf } from './networks';
import type { TeacherPlan, TeacherSetting } from '../teachers/teacher';

export interface GenerationPlan {
  /** Of the pictures as the networks make and see them. */
  shape: ImageShape;
  /** The student's view before blocks are averaged further than the teacher's. */
  source: ImageSource;
  condition: Condition;
  noise: number;
  split: Split;
  /** Rows of the split to learn from, and their targets. */
  rows: Int32Array;
  targets: Targets;
  /** Rows of the training split that the pictures are for. */
  places: Int32Array;
  /** Groups that are sampled and filtered each by itself: classes, or all numbers together. */
  groups: number;
  /** Draws of a tick of the sampling. */
  chunk: number;
  bundled: BundledGeneratorId | null;
  /** Whether the density ratio ships with the generator. */
  bundledRatio: boolean;
  /** Numbers of the teacher's features: its embedding, or its outputs where it shows these alone. */
  features: number;
  /** Steps of the three phases; sampling may end sooner. */
  steps: { gan: number; ratio: number; sampling: number };
  notes: string[];
}

/** Fewer pictures of a class are learned by heart. */
const fewPictures = 20;
/** Most pictures that are drawn at once. */
const largestChunk = 128;

/**
 * @param teaching the run as a kind of teacher sees it @param teacher null without one
 * @throws RunFailure with a sentence and a knob when pictures cannot be made for this recipe
 */
export function planGeneration(teaching: TeacherSetting, teacher: TeacherPlan | null): GenerationPlan | null {
  const { material, recipe } = teaching;
  const knobs = recipe.material;
  if (material.made !== 'generated') return null;
  const { block } = teaching.source.view;
  const source = imageSourceOf(inputSourceOf(material.dataset, { ...teaching.source.view, input: onlyView }));
  const shape = imageShape(source.shape);
  const problem = pictureProblem(shape);
  if (problem)
    throw new RunFailure(
      `${problem} ${block === 1 && halvings(shape) === 0 ? 'Take other images' : `Turn “${materialKnobs.halve.label}” off or take other images`}, or set “${materialKnobs.unlabelledFrom.label}” to “The rest of the set”.`,
      { knob: 'material.unlabelledFrom' },
    );
  refuseTeacher(teaching, teacher);
  const { target } = material.dataset;
  const condition: Condition = {
    kind: target.kind === 'class' ? 'class' : 'number',
    width: target.names.length,
  };
  const bundled = knobs.generator === 'train' ? null : knobs.generator;
  if (bundled) refuseBundled(bundled, shape, condition);
  const bundledRatio = knobs.useRatio && bundled !== null && usesTeacherOf(bundled, teaching);
  const ofStudent = knobs.generatorData === 'student';
  const held = new Set([...material.validation, ...material.meta]);
  const rows = ofStudent ? material.labelled : material.known.filter((row) => !held.has(row));
  const targets = ofStudent ? material.given : targetsOf(material.dataset.train);
  const groups = condition.kind === 'class' ? condition.width : 1;
  const chunk = Math.min(largestChunk, Math.max(32, Math.ceil(material.unlabelled.length / groups)));
  const perPicture = knobs.useRatio ? knobs.mostDraws : 2;
  const planned: GenerationPlan = {
    shape,
    source,
    split: material.dataset.train,
    condition,
    noise: bundled ? bundledGenerators[bundled].noise : knobs.ganNoise,
    rows,
    targets,
    places: material.unlabelled,
    groups,
    chunk,
    bundled,
    bundledRatio,
    features: teacher?.trace.embedding[0] ?? teaching.outputs,
    steps: {
      gan: bundled ? 0 : knobs.ganSteps,
      ratio: knobs.useRatio && !bundledRatio ? knobs.ratioSteps : 0,
      sampling: Math.ceil((perPicture * material.unlabelled.length) / chunk) + 2 * groups,
    },
    notes: [],
  };
  return { ...planned, notes: notesOn(planned, material, knobs) };
}

/** The teacher must be able to judge, as it is before the student's first step. */
function refuseTeacher({ recipe }: TeacherSetting, teacher: TeacherPlan | null): void {
  const { useRatio, useFilter } = recipe.material;
  const asking = useRatio ? materialKnobs.useRatio : useFilter ? materialKnobs.useFilter : null;
  if (!asking) return;
  const knob = `material.${useRatio ? 'useRatio' : 'useFilter'}`;
  if (!teacher)
    throw new RunFailure(
      `“${asking.label}” asks the teacher about generated pictures, and the recipe has none. Choose a teacher, or turn it off.`,
      { knob },
    );
  const about: TeacherAbout = teacherAbouts[recipe.teacher.kind as keyof typeof teacherAbouts];
  if (about.learnsBeside)
    throw new RunFailure(
      `“${asking.label}” asks the teacher before the student’s first step, and “${about.title}” has learned nothing by then. Choose a teacher that is there before, or turn it off.`,
      { knob },
    );
}

function refuseBundled(id: BundledGeneratorId, shape: ImageShape, { kind, width }: Condition): void {
  const { input, classes } = bundledGenerators[id];
  if (kind === 'class' && width === classes && input.join() === shape.join()) return;
  throw new RunFailure(
    `The bundled generator makes images of ${input[0]}×${input[1]} for ${classes} classes, and these are others. Choose “Train it here”.`,
    { knob: 'material.generator' },
  );
}

function usesTeacherOf(id: BundledGeneratorId, { recipe: { teacher } }: TeacherSetting): boolean {
  return teacher.kind === 'single' && teacher.knobs.source === bundledGenerators[id].teacher;
}

function notesOn(
  plan: GenerationPlan,
  material: Material,
  knobs: TeacherSetting['recipe']['material'],
): string[] {
  const { rows, targets, condition, bundled, places } = plan;
  const notes = [
    `${places.length.toLocaleString('en-GB')} pictures are generated before the student’s first step; the baseline does not see them.`,
  ];
  if (bundled)
    notes.push(
      'The bundled generator has learned from all training images and their labels, which the baseline does not have.',
    );
  else if (rows.length > material.labelled.length)
    notes.push(
      `The generator learns from ${rows.length.toLocaleString('en-GB')} images with their labels; the baseline has ${material.labelled.length.toLocaleString('en-GB')} of them.`,
    );
  if (bundled) return notes;
  const { generator, discriminator } = sizesOf(plan);
  notes.push(
    `The generator has ${generator.toLocaleString('en-GB')} parameters, the discriminator ${discriminator.toLocaleString('en-GB')}; neither stays once the pictures are made.`,
  );
  if (condition.kind === 'number' && rows.length < fewPictures)
    notes.push(`The generator learns from ${rows.length} pictures, which is few: it will repeat them.`);
  if (condition.kind === 'class') {
    const counts = new Array<number>(condition.width).fill(0);
    for (const row of rows) counts[targets.values[row]!]!++;
    const fewest = Math.min(...counts);
    if (fewest < fewPictures)
      notes.push(
        `The generator has only ${fewest} pictures of “${material.dataset.target.names[counts.indexOf(fewest)]}” to learn from; with fewer than ${fewPictures} it repeats them.`,
      );
  }
  if (knobs.relabel && !knobs.useFilter)
    notes.push('Without the filter a generated picture keeps the label that it was made for.');
  return notes;
}
