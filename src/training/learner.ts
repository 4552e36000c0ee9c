/** A network trained on labels, with its optimiser: the teacher, the baseline and the hard-label line. */
import { gradientsOf } from '../engine/gradients';
import { tf, type Tensor2D, type Tensor } from '../engine/tf';
import type { Task } from '../distill/tasks/task';
import type { Recipe } from '../distill/recipe';
import { Observed } from '../nn/module';
import type { Network } from '../nn/network';
import { DrivenOptimiser } from '../nn/driven-optimiser';
import { Dot } from '../nn/dot';
import { Adam, Sgd, type Optimiser } from '../nn/optimisers';

/** The optimiser of a recipe's schedule. */
export function createOptimiser(schedule: Recipe['schedule'], variables: tf.Variable[]): DrivenOptimiser {
  return new DrivenOptimiser(optimiserOf(schedule, variables));
}

function optimiserOf(schedule: Recipe['schedule'], variables: tf.Variable[]): Optimiser {
  const { momentum, nesterov, weightDecay, delta } = schedule;
  switch (schedule.optimiser) {
    case 'sgd':
      return new Sgd(variables, { momentum, nesterov, weightDecay });
    case 'dot':
      return new Dot(variables, { momentum, delta, weightDecay });
    case 'adam':
      return new Adam(variables, { weightDecay });
  }
}

/** Before a step: writes its learning rate and the live knobs of the schedule. */
export function prepareOptimiser(
  driven: DrivenOptimiser,
  { momentum, nesterov, weightDecay, delta }: Recipe['schedule'],
  learningRate: number,
): void {
  const { optimiser } = driven;
  if (optimiser instanceof Sgd) optimiser.options = { momentum, nesterov, weightDecay };
  if (optimiser instanceof Dot) optimiser.options = { momentum, delta, weightDecay };
  if (optimiser instanceof Adam) optimiser.options = { ...optimiser.options, weightDecay };
  driven.prepare(learningRate);
}

/** A further target: [B,C] probabilities with a weight. */
export interface ExtraTarget {
  targets: Tensor2D;
  weight: number;
}

export class LabelLearner {
  readonly network: Network;
  private readonly task: Task;
  readonly optimiser: DrivenOptimiser;
  private readonly penalties: ReadonlyMap<string, number>;

  /**
   * @param optimiser over the network's trained parameters, in their order; prepared before each step
   * @param penalties of parameters by name: lambda adds lambda * sum(p^2) to what is trained (not to the reported loss)
   */
  constructor(
    task: Task,
    network: Network,
    optimiser: DrivenOptimiser,
    penalties: ReadonlyMap<string, number> = new Map(),
  ) {
    this.task = task;
    this.network = network;
    this.optimiser = optimiser;
    this.penalties = penalties;
  }

  /**
   * One step on labelWeight * CE + extra.weight * CE(extra.targets); returns the loss, which the caller owns.
   * @param targets [B,C]; zeros without a label
   * @param labelled how many rows have a label
   */
  step(
    images: Tensor,
    targets: Tensor2D,
    labelled: number,
    { labelWeight = 1, extra }: { labelWeight?: number; extra?: ExtraTarget } = {},
  ): tf.Scalar {
    return tf.tidy(() => {
      const observed = new Observed();
      const { value, gradients } = gradientsOf(() => {
        const { logits } = this.network.forward(images, { training: true, observed });
        const ofTask = tf.mul(this.task.meanLoss(logits, targets, Math.max(labelled, 1)), labelWeight);
        if (!extra) return ofTask as tf.Scalar;
        return tf.add(
          ofTask,
          tf.mul(this.task.meanLoss(logits, extra.targets, extra.targets.shape[0]), extra.weight),
        ) as tf.Scalar;
      }, [...this.network.module.trainable.values()]);
      observed.absorb();
      this.optimiser.apply(this.penalised(gradients));
      return value;
    });
  }

  /** Gradients in the order of the parameters, with the penalties added. */
  private penalised(gradients: readonly (tf.Tensor | null)[]): (tf.Tensor | null)[] {
    return [...this.network.module.trainable].map(([name, parameter], i) => {
      const [gradient, lambda] = [gradients[i]!, this.penalties.get(name)];
      return gradient && lambda ? tf.add(gradient, tf.mul(parameter, 2 * lambda)) : gradient;
    });
  }

  dispose(): void {
    this.optimiser.dispose();
    this.network.dispose();
  }
}
