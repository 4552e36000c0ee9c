/** Which recipes PyTorch can go on with. */
import type { TeacherAbout } from '../../distill/about';
import { hintAbouts, hintsInTorch } from '../../distill/hints/abouts';
import { materialKnobs } from '../../distill/material/about';
import { keepsUndisturbed } from '../../distill/modalities/input-view';
import type { Recipe } from '../../distill/recipe';
import type { RunFacts } from '../../training/events';
import { taskAboutOf } from '../../distill/tasks/about';
import { answersByRows, teacherAbouts } from '../../distill/teachers/abouts';
import { isForeignModel } from '../../distill/teachers/single/about';

/**
 * A sentence that says why a run has no PyTorch project, or null when it has one.
 * @param facts of the run, where they are known
 */
export function pytorchProblem(
  { material, teacher, hints }: Recipe,
  facts: Pick<RunFacts, 'task' | 'dataset'> | null = null,
): string | null {
  const ofImages = kindsOf(facts).input === 'image';
  if (ofImages && keepsUndisturbed(material))
    return `Going on in PyTorch shows teacher and student the same images, and “${materialKnobs.teacherView.label}” shows the teacher others. Save the models, or run without it.`;
  if (drawsBalanced({ material, teacher }) && learnsBeside(teacher))
    return `Going on in PyTorch asks the teacher about the stimuli before the student’s first step, and this one learns beside the student. Turn “${materialKnobs.balance.label}” off, or save the models.`;
  if (answersByRows(teacher))
    return 'Going on in PyTorch needs the teacher’s network, and this teacher is a table of its answers.';
  if (isForeignModel(teacher))
    return 'Going on in PyTorch needs the teacher’s network, and this teacher is a model of TensorFlow.js that was made elsewhere.';
  for (const { id } of hints)
    if (!hintsInTorch.includes(id))
      return `Going on in PyTorch has no “${hintAbouts[id].title}” yet. Save the models and write the method there.`;
  return null;
}

/** Whether stimuli are drawn so that the teacher's classes of them come up equally often. */
export function drawsBalanced({ material, teacher }: Pick<Recipe, 'material' | 'teacher'>): boolean {
  const { unlabelled, unlabelledFrom, balance } = material;
  return unlabelled > 0 && unlabelledFrom === 'stimuli' && balance && teacher.kind !== 'none';
}

function learnsBeside({ kind }: Recipe['teacher']): boolean {
  const about: TeacherAbout | null = kind === 'none' ? null : teacherAbouts[kind];
  return about?.learnsBeside ?? false;
}

/** What goes in and what is asked; images of classes where that is not known yet. */
function kindsOf(facts: Pick<RunFacts, 'task' | 'dataset'> | null) {
  const input = facts?.dataset.shape.length === 1 ? ('vector' as const) : ('image' as const);
  return { input, target: taskAboutOf(facts).target };
}

/** Whether instances are images, of one class each. */
export function isOfImageClasses(facts: Pick<RunFacts, 'task' | 'dataset'> | null): boolean {
  const { input, target } = kindsOf(facts);
  return input === 'image' && target === 'class';
}

/** Whether the data leave as class folders of images; any other set leaves as arrays. */
export function asClassFolders(
  facts: Pick<RunFacts, 'task' | 'dataset'> | null,
  { unlabelled, unlabelledFrom }: Recipe['material'],
): boolean {
  const isNameless = unlabelled > 0 && (unlabelledFrom === 'stimuli' || unlabelledFrom === 'generated');
  return isOfImageClasses(facts) && !isNameless;
}
