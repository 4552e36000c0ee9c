/** The student's step as HKD's meta step sees it. Nothing here changes the student. */
import { constantOf } from '../engine/constant';
import { gradientsOf } from '../engine/gradients';
import { Held } from '../engine/held';
import { tf, type Tensor, type Tensor2D, type Tensor4D } from '../engine/tf';
import { crossEntropies, meanOverLabelled, weightedHints } from '../distill/objective';
import type { BilevelProblem, Instances } from '../distill/weighting/weighting';
import { Sgd, type Optimiser } from '../nn/optimisers';
import type { StudentBatch, StudentPass } from './student-pass';

/** Images and labels on which the meta loss is asked; the caller's. */
export interface MetaBatch {
  images: Tensor4D;
  oneHot: Tensor2D;
}

type Parameters = ReadonlyMap<string, Tensor>;

/** To be used inside one tidy. */
export function bilevelProblem(
  pass: StudentPass,
  optimiser: Optimiser,
  batch: StudentBatch,
  meta: MetaBatch,
  learningRate: tf.Scalar,
): BilevelProblem {
  const { network, balance, recipe } = pass;
  const parameters = pass.parameters();

  const metaLoss = (at: Parameters): tf.Scalar => {
    const { logits } = network.forward(meta.images, { training: true, weights: at });
    return tf.mean(crossEntropies(logits, meta.oneHot));
  };

  const lossGradients: BilevelProblem['lossGradients'] = (weigh) => {
    const held = new Held();
    const seen: { instances?: Instances; weights?: Tensor2D } = {};
    const { gradients } = gradientsOf(() => {
      const forward = pass.run(batch, { training: true });
      const weights = constantOf(forward.raw!, () => {
        const { ce, hints, student, ...rest } = pass.instances(batch, forward);
        seen.instances = { ...rest, ce: held.keep(ce), hints: held.keep(hints), student: held.keep(student) };
        seen.weights = held.keep(weigh(seen.instances));
        return seen.weights.clone();
      });
      const task = tf.mul(meanOverLabelled(forward.ce, batch.labelled), recipe().objective.ceWeight);
      return tf.add(task, weightedHints(balance.apply(forward.raw!), weights)) as tf.Scalar;
    }, [...parameters.values()]);
    const { ce, hints, student, ...rest } = seen.instances!;
    // Clones belong to the caller's tidy; the held ones would outlive it.
    const result = {
      gradients: byName(parameters, gradients),
      instances: { ...rest, ce: ce.clone(), hints: hints.clone(), student: student.clone() },
      weights: seen.weights!.clone(),
    };
    held.dispose();
    return result;
  };

  return {
    parameters,
    lossGradients,
    metaLoss,
    metaGradients: (at) => {
      const { value, gradients } = gradientsOf(() => metaLoss(at), [...at.values()]);
      return { loss: value, gradients: byName(at, gradients) };
    },
    hintLosses: (at) => balance.apply(pass.run(batch, { training: true, weights: at }).raw!),
    step: stepOf(optimiser, parameters, learningRate, recipe().weighting.knobs['virtualLearningRate']),
  };

  /** SGD's own step where the student learns by SGD (then the identity is exact), else a plain one. */
  function stepOf(
    used: Optimiser,
    named: ReadonlyMap<string, tf.Variable>,
    rate: tf.Scalar,
    virtualRate: unknown,
  ): BilevelProblem['step'] {
    if (used instanceof Sgd)
      return { ...used.options, rate, velocity: (name) => used.velocity(named.get(name)!) };
    return {
      rate: tf.scalar(Number(virtualRate)),
      momentum: 0,
      nesterov: false,
      weightDecay: 0,
      velocity: () => null,
    };
  }
}

function byName(parameters: Parameters, gradients: readonly (Tensor | null)[]): Map<string, Tensor | null> {
  return new Map([...parameters.keys()].map((name, i) => [name, gradients[i] ?? null]));
}
