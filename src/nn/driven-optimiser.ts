import { liveTensor, type LiveTensor } from '../engine/capture/capture';
import { canUpdateInPlace } from '../engine/in-place';
import type { tf } from '../engine/tf';
import type { Optimiser } from './optimisers';

/**
 * An optimiser in two halves: what differs from step to step (rate, bias corrections) is written before a step, so that
 * the step itself is the same list of ops each time and can be recorded. Where variables cannot be updated in place
 * there is nothing to record, and the halves are one.
 */
export class DrivenOptimiser<O extends Optimiser = Optimiser> {
  readonly optimiser: O;
  private readonly hyperparameters: LiveTensor<tf.Tensor1D> | null;
  private learningRate = 0;

  /** Owns the optimiser. */
  constructor(optimiser: O) {
    this.optimiser = optimiser;
    this.hyperparameters = canUpdateInPlace() ? liveTensor([optimiser.hyperparameters]) : null;
  }

  /** What is written between steps. */
  get inputs(): LiveTensor[] {
    return this.hyperparameters ? [this.hyperparameters] : [];
  }

  /** Before a step: counts it. */
  prepare(learningRate: number): void {
    this.learningRate = learningRate;
    this.hyperparameters?.write(this.optimiser.advance(learningRate));
  }

  /** Inside the step: updates the variables. Gradients stay the caller's; a null one leaves its variable alone. */
  apply(gradients: readonly (tf.Tensor | null)[]): void {
    if (this.hyperparameters) this.optimiser.apply(gradients, this.hyperparameters.tensor);
    else this.optimiser.step(gradients, this.learningRate);
  }

  dispose(): void {
    this.hyperparameters?.dispose();
    this.optimiser.dispose();
  }
}
