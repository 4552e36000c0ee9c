/** Which recipes PyTorch can go on with. */
import { readsOf, type HintAbout } from '../../distill/about';
import { hintAbouts, hintsInTorch } from '../../distill/hints/abouts';
import { movingKnob } from '../../distill/material/about';
import type { Recipe } from '../../distill/recipe';
import type { RunFacts } from '../../training/events';
import { taskAboutOf } from '../../distill/tasks/about';
import { answersByRows, leavesAsAnswers } from '../../distill/teachers/abouts';

/** A sentence that says why a run has no PyTorch project, or null when it has one. */
export function pytorchProblem({ material, teacher, hints }: Recipe): string | null {
  if (leavesAsAnswers(teacher) && !answersByRows(teacher)) {
    const why = changesImages(material, hints);
    if (why !== null)
      return `This teacher was made elsewhere and leaves as its answers to each image, and ${why} Or save the models.`;
  }
  for (const { id } of hints)
    if (!hintsInTorch.includes(id))
      return `Going on in PyTorch has no “${hintAbouts[id].title}” yet. Save the models and write the method there.`;
  return null;
}

/** What shows a teacher images that are not those of the set, and what to do; null where it sees the same ones all the time. */
function changesImages(material: Recipe['material'], hints: Recipe['hints']): string | null {
  const moving = movingKnob(material);
  if (moving)
    return `“${moving.label}” shows it others in every batch. ${moving.kind === 'switch' ? 'Turn it off.' : `Set it to ${String(moving.default)}.`}`;
  const asking = hints.find(({ id, knobs }) => {
    const about: HintAbout = hintAbouts[id];
    return about.strongView || readsOf(about, knobs).includes('gradients');
  });
  return asking ? `“${hintAbouts[asking.id].title}” asks it about changed ones. Take the loss out.` : null;
}

/** Whether stimuli are drawn so that the teacher's classes of them come up equally often. */
export function drawsBalanced({ material, teacher }: Pick<Recipe, 'material' | 'teacher'>): boolean {
  const { unlabelled, unlabelledFrom, balance } = material;
  return unlabelled > 0 && unlabelledFrom === 'stimuli' && balance && teacher.kind !== 'none';
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
