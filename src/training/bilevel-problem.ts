/** The student's step as the bilevel problem of HKD's meta step. Leaves the student unchanged. */
import { gradientsOf } from '../engine/gradients';
import type { TapedPass } from '../engine/taped-pass';
import { tf, type Tensor, type Tensor2D } from '../engine/tf';
import type { BilevelProblem, Instances } from '../distill/weighting/weighting';
import { Sgd, type Optimiser } from '../nn/optimisers';
import type { Pass, StudentBatch, StudentPass } from './student-pass';

/** Images and labels of the meta loss; owned by the caller. */
export interface MetaBatch {
  inputs: Tensor;
  targets: Tensor2D;
}

/** All parts stay owned by the caller. */
interface Step {
  pass: StudentPass;
  /** The student's own forward pass of the step, before its update. */
  taped: TapedPass<Pick<Pass, 'taskLosses' | 'raw'>>;
  instances: Instances;
  batch: StudentBatch;
  meta: MetaBatch;
  optimiser: Optimiser;
  learningRate: tf.Scalar;
}

type Parameters = ReadonlyMap<string, Tensor>;

/** To be used inside one tidy. */
export function bilevelProblem(step: Step): BilevelProblem {
  const { pass, taped, instances, batch, meta, optimiser, learningRate } = step;
  const { task, network, balance, recipe } = pass;
  // The meta loss does not depend on regressors, so they are left out.
  const parameters = network.module.trainable;

  const metaLoss = (at: Parameters): tf.Scalar =>
    // Disposed here: lazy maps that survive would be computed when the parameters change.
    tf.tidy(() => {
      const { logits } = network.forward(meta.inputs, { training: true, weights: at });
      return task.meanLoss(logits, meta.targets, meta.targets.shape[0]);
    });

  return {
    parameters,
    instances,
    lossGradients: (weights) => {
      const loss = (found: Pick<Pass, 'taskLosses' | 'raw'>) => pass.objective(batch, found, weights).total;
      return byName(parameters, taped.gradientsOf(loss, [...parameters.values()]).gradients);
    },
    metaLoss,
    metaGradients: (at) => {
      const { value, gradients } = gradientsOf(() => metaLoss(at), [...at.values()]);
      return { loss: value, gradients: byName(at, gradients) };
    },
    hintLosses: (at) => tf.tidy(() => balance.apply(pass.run(batch, { training: true, weights: at }).raw!)),
    step: stepOf(optimiser, parameters, learningRate, recipe().weighting.knobs.virtualLearningRate),
  };
}

/** SGD's step where the student uses SGD (then the identity is exact), else a plain gradient step. */
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

function byName(parameters: Parameters, gradients: readonly (Tensor | null)[]): Map<string, Tensor | null> {
  return new Map([...parameters.keys()].map((name, i) => [name, gradients[i] ?? null]));
}
