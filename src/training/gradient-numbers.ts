/** Gradients of each loss on one fixed batch, measured between steps. Leaves the run unchanged. */
import { targetsOf } from '../data/dataset';
import type { Material } from '../distill/material/material';
import { TapedPass } from '../engine/taped-pass';
import { tf, type Tensor2D } from '../engine/tf';
import { RandomStream } from '../random/streams';
import { mostTogether, stratifiedSample } from './evaluate';
import type { GradientNumbers } from './events';
import type { Pass } from './student-pass';
import { readAll, trackedBatch, type TrackedSetup } from './tracked-samples';

const mostRows = 64;

/**
 * The rows of the fixed batch: labelled ones of the training split, spread over the classes.
 * @param batch instances per step. The fixed batch has another size, because losses that draw something for each step's
 *   batch (negatives) have nothing drawn for this one.
 * @param size numbers of one instance
 */
export function gradientRows(material: Material, seed: number, batch: number, size: number): Int32Array {
  const wanted = Math.min(mostRows, mostTogether(size));
  const most = batch === wanted ? wanted - 1 : wanted;
  const strata = material.task.strata(targetsOf(material.dataset.train));
  const rows = stratifiedSample(
    material.labelled,
    strata,
    most,
    RandomStream.fork(seed, 'evaluation/gradients'),
  );
  return rows.length === batch ? rows.slice(1) : rows;
}

/** @param setup its `rows` are the fixed batch */
export type GradientSetup = Pick<
  TrackedSetup,
  'rows' | 'material' | 'batches' | 'teacher' | 'kept' | 'pass' | 'weighting' | 'hintKeys'
>;

/**
 * Squared norms of the gradients by the student's parameters, and their products with that of the task's own loss, as
 * scalars by name, in the caller's tidy. Losses enter as in a step: hints balanced and weighted, and with batch
 * statistics, which are not collected. Of a network with dropout the gradients are those of evaluation, because masks
 * belong to a step.
 */
export function gradientProducts(setup: GradientSetup, progress: number): Record<string, tf.Tensor> {
  const { rows, pass, weighting, hintKeys } = setup;
  const { task, network, balance } = pass;
  const parameters = [...network.module.trainable.values()];
  const batch = trackedBatch(setup, progress);
  const taped = new TapedPass(() => pass.run(batch, { training: network.dropout === null }));
  try {
    const forward = taped.value;
    const weights = forward.raw && weighting.weigh(pass.instances(batch, forward), false).weights;
    const gradientOf = (loss: (of: Pass) => tf.Scalar) => {
      const { value, gradients } = taped.gradientsOf(loss, parameters);
      value.dispose();
      return gradients;
    };
    const ofTask = gradientOf(({ trace }) => task.meanLoss(trace.logits, batch.targets, rows.length));
    const products: Record<string, tf.Tensor> = { task: product(ofTask, ofTask) };
    if (weights)
      hintKeys.forEach((key, h) => {
        const ofHint = gradientOf(({ raw }) => {
          const part = tf.mul(balance.apply(raw!), weights) as Tensor2D;
          return tf.div<tf.Scalar>(tf.sum(tf.slice(part, [0, h], [-1, 1])), rows.length);
        });
        products[`norm/${key}`] = product(ofHint, ofHint);
        products[`dot/${key}`] = product(ofHint, ofTask);
        tf.dispose(ofHint.filter((gradient) => gradient !== null));
      });
    return products;
  } finally {
    taped.dispose();
  }
}

/** Reads `gradientProducts` and makes norms and cosines of them. */
export async function gradientNumbers(setup: GradientSetup, progress: number): Promise<GradientNumbers> {
  const read = await readAll(tf.tidy(() => gradientProducts(setup, progress)));
  const { about } = setup.pass.task;
  const { ceWeight } = setup.pass.recipe().objective;
  const ofTask = Math.sqrt(read['task']![0]!);
  const norms: Record<string, number> = { [about.loss.key]: ceWeight * ofTask };
  const cosines: Record<string, number> = {};
  for (const key of setup.hintKeys) {
    const [square] = read[`norm/${key}`] ?? [];
    if (square === undefined) continue;
    norms[key] = Math.sqrt(square);
    const lengths = norms[key] * ofTask;
    if (lengths > 0) cosines[key] = read[`dot/${key}`]![0]! / lengths;
  }
  return { norms, cosines };
}

/** Sum over the parameters of the products of two gradients; a missing one is zero. */
function product(first: readonly (tf.Tensor | null)[], second: readonly (tf.Tensor | null)[]): tf.Scalar {
  return tf.tidy(() =>
    first.reduce<tf.Scalar>((sum, gradient, i) => {
      const other = second[i];
      return gradient && other ? tf.add<tf.Scalar>(sum, tf.sum(tf.mul(gradient, other))) : sum;
    }, tf.scalar(0)),
  );
}
