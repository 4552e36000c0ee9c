/** What a saved model is held against: instances of the run's set as its network reads them, and the network's own answers. */
import { pickTargets, targetsOf, type Dataset } from '../data/dataset';
import type { SetSources } from './asset-readers';
import { stratifiedSample } from './evaluate';
import type { Learner, SetAnswers } from './events';
import { withOtherImages } from './other-images';
import { feedsOf, planRun, type Plan } from './plan';
import type { Recipe } from '../distill/recipe';
import { primaryScore } from '../distill/tasks/task';
import { comparedInstances, type ModelCheck, type ModelScores } from './onnx/about';
import { RandomStream } from '../random/streams';

/** Instances on which the ranges of values are found. */
const mostCalibration = 256;
/** Test instances on which models are compared. */
const mostTest = 1000;

async function planOf(recipe: Recipe, dataset: Dataset, help: SetSources): Promise<Plan> {
  return planRun(recipe, await withOtherImages(dataset, recipe, help));
}

function testRows({ material }: Plan): Int32Array {
  const { test } = material.dataset;
  const all = Int32Array.from({ length: test.count }, (_, row) => row);
  return stratifiedSample(
    all,
    material.task.strata(targetsOf(test)),
    mostTest,
    RandomStream.fork(0, 'model check'),
  );
}

/** @param own what the network answers to the whole set */
export async function modelCheck(
  recipe: Recipe,
  dataset: Dataset,
  learner: Learner,
  own: SetAnswers,
  help: SetSources,
): Promise<ModelCheck> {
  const plan = await planOf(recipe, dataset, help);
  const feeds = feedsOf(plan);
  const { source, normalisation } = learner === 'teacher' ? feeds.teacher : feeds.student;
  const { train, test } = plan.material.dataset;
  const { labelled, unlabelled, task } = plan.material;
  const rows = testRows(plan);
  const calibration = stratifiedSample(
    [...labelled, ...unlabelled],
    task.strata(targetsOf(train)),
    mostCalibration,
    RandomStream.fork(0, 'calibration'),
  );
  const { outputs } = plan;
  const answers = Float32Array.from(
    [...rows.subarray(0, comparedInstances)].flatMap((row) => [
      ...own.test!.subarray(row * outputs, (row + 1) * outputs),
    ]),
    (value, i) =>
      own.scale ? value * own.scale.deviation[i % outputs]! + own.scale.mean[i % outputs]! : value,
  );
  return {
    shape: source.shape,
    calibration: source.batch(train, calibration, normalisation),
    test: source.batch(test, rows, normalisation),
    answers,
    normalisation,
  };
}

/** @param answered [M*outputs] of each model, in the unit of the target; the first one is what the others are compared with */
export async function modelScores(
  recipe: Recipe,
  dataset: Dataset,
  answered: readonly Float32Array[],
  help: SetSources,
): Promise<ModelScores> {
  const plan = await planOf(recipe, dataset, help);
  const { task } = plan.material;
  const targets = pickTargets(targetsOf(plan.material.dataset.test), testRows(plan));
  const { scale } = task;
  const outputs = answered.map((values) =>
    scale
      ? values.map(
          (v, i) => (v - scale.mean[i % scale.mean.length]!) / scale.deviation[i % scale.mean.length]!,
        )
      : values,
  );
  const average = (values: readonly number[]) =>
    values.reduce((sum, v) => sum + v, 0) / Math.max(1, values.length);
  return {
    scores: outputs.map((output) => primaryScore(task, task.measure(output, targets))),
    agreement: outputs.map((output) => average(Object.values(task.fidelity(output, outputs[0]!))[0]!)),
  };
}
