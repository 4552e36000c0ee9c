/** Which recipes PyTorch can go on with: those whose losses are plain functions of a batch's traces. */
import type { HintAbout } from '../../distill/about';
import { hintAbouts, hintsInTorch } from '../../distill/hints/abouts';
import { appliesTo } from '../../distill/knobs';
import { disturbingKnob, materialKnobs } from '../../distill/material/about';
import type { Recipe } from '../../distill/recipe';
import type { RunFacts } from '../../training/events';
import { taskAboutOf } from '../../distill/tasks/about';
import { isForeignModel } from '../../distill/teachers/single/about';
import { teacherAbouts } from '../../distill/teachers/abouts';

/** Teachers that stand still and show one network, or the average of several. */
const portedTeachers: readonly Recipe['teacher']['kind'][] = ['none', 'single', 'ensemble', 'specialists'];

/**
 * A sentence that says why a run has no PyTorch project, or null when it has one.
 * @param facts of the run, where they are known
 */
export function pytorchProblem(
  { material, teacher, hints, weighting, schedule }: Recipe,
  facts: Pick<RunFacts, 'task' | 'dataset'> | null = null,
): string | null {
  const changed = changedImages(material, facts);
  if (changed)
    return `Going on in PyTorch takes the images as they are stored, and “${changed}” changes them. Save the models, or run without it.`;
  if (material.partner !== materialKnobs.partner.default && teacher.kind !== 'none')
    return `Going on in PyTorch shows the teacher the student’s own instances, and here “${materialKnobs.partner.label}” shows it others. Save the models, or run without it.`;
  if (!portedTeachers.includes(teacher.kind))
    return `Going on in PyTorch has no teacher like “${teacherAbouts[teacher.kind].title}” yet. Save the models and write the method there.`;
  if (teacher.kind === 'ensemble' && teacher.knobs.mode !== 'average')
    return 'Going on in PyTorch averages an ensemble: members that take turns have no counterpart there yet. Save the models, or show the average.';
  if (isForeignModel(teacher))
    return 'Going on in PyTorch needs the teacher’s network, and this teacher is a model of TensorFlow.js that was made elsewhere.';
  if (weighting.id !== 'fixed' && hints.length > 0)
    return 'Going on in PyTorch is for fixed weights: weights that are learned have no counterpart there yet.';
  if (schedule.optimiser !== 'adam' && schedule.optimiser !== 'sgd')
    return 'Going on in PyTorch is for Adam and SGD.';
  for (const { id, knobs } of hints) {
    const { title, lacksInTorch }: HintAbout = hintAbouts[id];
    const form = hintsInTorch.includes(id) ? (lacksInTorch?.(knobs) ?? null) : '';
    if (form !== null)
      return `Going on in PyTorch has no “${title}”${form} yet. Save the models and write the method there.`;
  }
  return null;
}

/** Label of the first knob under which a run studies other images than those of the set; null where none does. */
function changedImages(
  material: Recipe['material'],
  facts: Pick<RunFacts, 'task' | 'dataset'> | null,
): string | null {
  const { unlabelledFrom } = materialKnobs;
  const elsewhere = material.unlabelled > 0 && material.unlabelledFrom !== 'rest';
  const knob = elsewhere ? unlabelledFrom : disturbingKnob(material);
  return knob && appliesTo(knob, kindsOf(facts)) ? knob.label : null;
}

/** What goes in and what is asked; images of classes where that is not known yet. */
function kindsOf(facts: Pick<RunFacts, 'task' | 'dataset'> | null) {
  const input = facts?.dataset.shape.length === 1 ? ('vector' as const) : ('image' as const);
  return { input, target: taskAboutOf(facts).target };
}

/** Whether the data leave as class folders of images; any other set leaves as arrays. */
export function asClassFolders(facts: Pick<RunFacts, 'task' | 'dataset'> | null): boolean {
  const { input, target } = kindsOf(facts);
  return input === 'image' && target === 'class';
}
