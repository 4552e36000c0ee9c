/** Which recipes PyTorch can go on with. */
import { hintAbouts, hintsInTorch } from '../../distill/hints/abouts';
import { materialKnobs } from '../../distill/material/about';
import { keepsUndisturbed } from '../../distill/modalities/input-view';
import type { Recipe } from '../../distill/recipe';
import type { RunFacts } from '../../training/events';
import { taskAboutOf } from '../../distill/tasks/about';
import { answersByRows } from '../../distill/teachers/abouts';
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
  if (ofImages && material.unlabelled > 0 && material.unlabelledFrom === 'generated')
    return 'Going on in PyTorch takes images as they are stored, and a generator makes some of them during this run. Save the models, or take the rest of the set.';
  if (ofImages && keepsUndisturbed(material))
    return `Going on in PyTorch shows teacher and student the same images, and “${materialKnobs.teacherView.label}” shows the teacher others. Save the models, or run without it.`;
  if (answersByRows(teacher))
    return 'Going on in PyTorch needs the teacher’s network, and this teacher is a table of its answers.';
  if (isForeignModel(teacher))
    return 'Going on in PyTorch needs the teacher’s network, and this teacher is a model of TensorFlow.js that was made elsewhere.';
  for (const { id } of hints)
    if (!hintsInTorch.includes(id))
      return `Going on in PyTorch has no “${hintAbouts[id].title}” yet. Save the models and write the method there.`;
  return null;
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
