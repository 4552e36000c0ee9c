/** Pictures of several answers to the same images, and how often each of them is right. */
import { softmax } from '../../nn/classification-metrics';
import type { Tensor } from '../../engine/tf';
import type { PredictionsView } from '../../distill/views';
import type { Normalisation } from '../../distill/material/images';
import { logitsOf, type LogitsFn } from '../evaluate';
import { evaluationSets, type EvaluationSet } from '../evaluation-sets';
import type { TeacherSetting } from './teacher';

/** The sample of images that everybody is measured on while training. */
export function liveSet({ material, recipe }: TeacherSetting): EvaluationSet {
  return evaluationSets(material, recipe.seed).live;
}

/** Logits [rows*C] of the images of a set. */
export function logitsOn(
  { split, rows }: Pick<EvaluationSet, 'split' | 'rows'>,
  answers: LogitsFn,
  { source, outputs }: TeacherSetting,
  normalisation: Normalisation,
): Promise<Float32Array> {
  return logitsOf(answers, source, split, rows, normalisation, outputs);
}

/** Probabilities [N*C] of logits [N,C], which are disposed. */
export async function probabilitiesOf(logits: Tensor, classes: number): Promise<number[]> {
  const values = await logits.data<'float32'>();
  logits.dispose();
  return Array.from(softmax(values, classes));
}

/** A view of answers that are all about all classes. */
export function answersView(
  title: string,
  line: string,
  classes: number,
  answers: readonly { name: string; probabilities: number[]; accuracy: number }[],
): PredictionsView {
  return {
    view: 'answers',
    title,
    line,
    classes,
    names: answers.map(({ name }) => name),
    probabilities: answers.map(({ probabilities }) => probabilities),
    covers: answers.map(() => null),
    accuracy: answers.map(({ accuracy }) => ({ own: accuracy, others: null })),
  };
}
