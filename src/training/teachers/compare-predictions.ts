/** Compares the predictions of several networks on the same images: probabilities per image and accuracy of each. */
import type { PredictionsView } from '../../distill/views';
import { tf, type Tensor } from '../../engine/tf';
import { primaryScore } from '../../distill/tasks/task';
import { predictions, softmax } from '../../nn/classification-metrics';
import { logitsOf, type LogitsFn } from '../evaluate';
import { evaluationSets } from '../evaluation-sets';
import type { TeacherSetup } from './teacher';

/** Classes that a network knows, in the order of its outputs. */
export interface KnownClasses {
  classes: readonly number[];
  /** One more output, the last one, stands for "none of these". */
  hasNone: boolean;
}

export interface Predictor {
  name: string;
  logits: LogitsFn;
  /** Left out for a network with one output per class of the data set. */
  knows?: KnownClasses;
}

/**
 * The view of some predictors: probabilities on the given images, and accuracy on the sample that is evaluated during
 * training.
 * @param images [N,H,W,C], the caller's
 */
export async function comparePredictions(
  { title, line }: Pick<PredictionsView, 'title' | 'line'>,
  predictors: readonly Predictor[],
  images: Tensor,
  setup: Pick<TeacherSetup, 'setting' | 'normalisation'>,
): Promise<PredictionsView> {
  const classes = setup.setting.outputs;
  const { task } = setup.setting.material;
  const compared = await Promise.all(
    predictors.map(async ({ logits, knows }) => ({
      probabilities: knows
        ? await probabilitiesOn(images, logits, knows, classes)
        : await shownOn(images, logits, setup.setting),
      accuracy: knows ? await accuracyOf(logits, knows, setup) : await scoreOf(logits, setup),
    })),
  );
  return {
    view: 'answers',
    title,
    line,
    classes,
    ...(task.oneOfMany ? {} : { task: task.about.id }),
    names: predictors.map(({ name }) => name),
    covers: predictors.map(({ knows }) => (knows ? [...knows.classes] : null)),
    probabilities: compared.map(({ probabilities }) => probabilities),
    accuracy: compared.map(({ accuracy }) => accuracy),
  };
}

function outputsOf({ classes, hasNone }: KnownClasses): number {
  return classes.length + (hasNone ? 1 : 0);
}

/** What is shown of a network's answers, [N*outputs]. */
async function shownOn(
  images: Tensor,
  logits: LogitsFn,
  { material }: TeacherSetup['setting'],
): Promise<number[]> {
  const tensor = tf.tidy(() => logits(images));
  const values = await tensor.data<'float32'>();
  tensor.dispose();
  return Array.from(material.task.shown(values));
}

/** The score that lines are compared by, of a network with all outputs. */
async function scoreOf(
  logits: LogitsFn,
  { setting, normalisation }: Pick<TeacherSetup, 'setting' | 'normalisation'>,
): Promise<{ own: number; others: null }> {
  const { material, recipe, source, outputs } = setting;
  const { task } = material;
  const { split, rows, targets } = evaluationSets(material, recipe.seed).live;
  const values = await logitsOf(logits, source, split, rows, normalisation, outputs);
  return { own: primaryScore(task, task.measure(values, targets)), others: null };
}

/** Softmax over a network's own outputs, [N*classes]; 0 for classes that it does not know. */
async function probabilitiesOn(
  images: Tensor,
  logits: LogitsFn,
  knows: KnownClasses,
  classes: number,
): Promise<number[]> {
  const outputs = outputsOf(knows);
  const tensor = tf.tidy(() => logits(images));
  const own = softmax(await tensor.data<'float32'>(), outputs);
  tensor.dispose();
  const rows = own.length / outputs;
  const all = new Array<number>(rows * classes).fill(0);
  for (let row = 0; row < rows; row++)
    knows.classes.forEach((c, k) => (all[row * classes + c] = own[row * outputs + k]!));
  return all;
}

/**
 * Share 0..1 of images that are predicted right, among images of known classes and among the others, where "none of
 * these" is right; null for the others where a network has no such output or there are no such images.
 */
async function accuracyOf(
  logits: LogitsFn,
  knows: KnownClasses,
  { setting, normalisation }: Pick<TeacherSetup, 'setting' | 'normalisation'>,
): Promise<{ own: number; others: number | null }> {
  const { split, rows, targets } = evaluationSets(setting.material, setting.recipe.seed).live;
  const outputs = outputsOf(knows);
  const values = await logitsOf(logits, setting.source, split, rows, normalisation, outputs);
  const predicted = predictions(values, outputs);
  const own = { right: 0, of: 0 };
  const others = { right: 0, of: 0 };
  targets.values.forEach((label, i) => {
    const place = knows.classes.indexOf(label);
    const side = place >= 0 ? own : others;
    side.of++;
    if (predicted[i] === (place >= 0 ? place : knows.classes.length)) side.right++;
  });
  return {
    own: own.of > 0 ? own.right / own.of : 0,
    others: knows.hasNone && others.of > 0 ? others.right / others.of : null,
  };
}
