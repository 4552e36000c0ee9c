import { canUpdateInPlace } from '../engine/in-place';
import { tf } from '../engine/tf';
import { Sgd, type Optimiser, type OptimiserState } from './optimisers';

export interface DotOptions {
  momentum: number;
  /** Difference of either loss's momentum from `momentum`. */
  delta: number;
  weightDecay: number;
}

type Gradients = readonly (tf.Tensor | null)[];

/** With a larger momentum the buffer would diverge. */
const mostMomentum = 0.99;

/**
 * Distillation-oriented trainer: SGD with a separate momentum buffer per loss,
 *   m = (momentum - delta) * m + (task gradient + weightDecay * p),
 *   k = (momentum + delta) * k + distillation gradient,
 *   p -= rate * m, p -= rate * k.
 * Parameters that only one of the losses reaches are trained by plain SGD.
 *
 * `step` and `apply` take the gradients of the task followed by those of the distillation, in one list; with the
 * task's alone it is plain SGD. Source: Zhao et al. 2023; equals mdistiller's DistillationOrientedTrainer.
 */
export class Dot implements Optimiser {
  readonly hyperparameters = 12;
  options: DotOptions;
  private readonly count: number;
  private readonly task: Sgd;
  private readonly distillation: Sgd;
  private steps = 0;

  constructor(variables: readonly tf.Variable[], options: DotOptions) {
    this.count = variables.length;
    this.options = options;
    const plain = { momentum: options.momentum, nesterov: false, weightDecay: options.weightDecay };
    this.task = new Sgd(variables, plain);
    this.distillation = new Sgd(variables, plain);
  }

  step(gradients: Gradients, learningRate: number): void {
    if (canUpdateInPlace()) {
      tf.tidy(() => this.apply(gradients, tf.tensor1d(this.advance(learningRate))));
      return;
    }
    this.steps++;
    const [slow, plain, fast] = this.rules();
    this.each(gradients, (sgd, part, rule) => {
      sgd.options = { slow, plain, fast }[rule];
      sgd.step(part, learningRate);
    });
  }

  advance(learningRate: number): number[] {
    this.steps++;
    return this.rules().flatMap(({ momentum, weightDecay }) => [learningRate, momentum, 0, weightDecay]);
  }

  apply(gradients: Gradients, hyperparameters: tf.Tensor1D): void {
    const places = { slow: 0, plain: 4, fast: 8 };
    tf.tidy(() =>
      this.each(gradients, (sgd, part, rule) =>
        sgd.apply(part, tf.slice(hyperparameters, [places[rule]], [4]) as tf.Tensor1D),
      ),
    );
  }

  async state(): Promise<OptimiserState> {
    const [task, distillation] = await Promise.all([this.task.state(), this.distillation.state()]);
    return {
      steps: this.steps,
      slots: { task: task.slots['velocity']!, distillation: distillation.slots['velocity']! },
    };
  }

  restore({ steps, slots }: OptimiserState): void {
    const of = (velocity: Float32Array[] | undefined): OptimiserState => ({
      steps,
      slots: velocity ? { velocity } : {},
    });
    this.task.restore(of(slots['task']));
    this.distillation.restore(of(slots['distillation']));
    this.steps = steps;
  }

  reset(): void {
    this.task.reset();
    this.distillation.reset();
    this.steps = 0;
  }

  dispose(): void {
    this.task.dispose();
    this.distillation.dispose();
  }

  /** Options for the task's buffer, for parameters that only one loss reaches, and for the distillation's buffer. */
  private rules(): [Sgd['options'], Sgd['options'], Sgd['options']] {
    const { momentum, delta, weightDecay } = this.options;
    const bounded = (value: number) => Math.min(Math.max(value, 0), mostMomentum);
    const rule = (value: number, decay: number) => ({
      momentum: bounded(value),
      nesterov: false,
      weightDecay: decay,
    });
    return [rule(momentum - delta, weightDecay), rule(momentum, weightDecay), rule(momentum + delta, 0)];
  }

  /** The four parts of a step in order, each with the gradients that it uses and null for the others. */
  private each(
    gradients: Gradients,
    update: (sgd: Sgd, part: Gradients, rule: 'slow' | 'plain' | 'fast') => void,
  ): void {
    const task = gradients.slice(0, this.count);
    const distilled = Array.from({ length: this.count }, (_, i) => gradients[this.count + i] ?? null);
    const shared = (own: Gradients, other: Gradients) => own.map((g, i) => (other[i] ? (g ?? null) : null));
    const alone = (own: Gradients, other: Gradients) => own.map((g, i) => (other[i] ? null : (g ?? null)));
    update(this.task, shared(task, distilled), 'slow');
    update(this.task, alone(task, distilled), 'plain');
    update(this.distillation, shared(distilled, task), 'fast');
    update(this.distillation, alone(distilled, task), 'plain');
  }
}
