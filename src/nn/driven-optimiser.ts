import { liveTensor, type LiveTensor } from '../engine/capture/capture';
import { canUpdateInPlace } from '../engine/in-place';
import type { tf } from '../engine/tf';
import type { Optimiser } from './optimisers';

/**
 * An optimiser in two halves. What differs between steps (rate, bias corrections) is written before a step, so that
 * the step itself is the same list of ops each time and can be recorded. On backends without in-place updates nothing
 * is recorded, and both halves run together.
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

  /** Tensors that are written between steps. */
  get inputs(): LiveTensor[] {
    return this.hyperparameters ? [this.hyperparameters] : [];
  }

  /** Before a step: increments the step count. */
  prepare(learningRate: number): void {
    this.learningRate = learningRate;
    this.hyperparameters?.write(this.optimiser.advance(learningRate));
  }

  /**
   * Inside the step: updates the variables. The caller keeps the gradients; a variable with a null gradient is
   * unchanged.
   */
  apply(gradients: readonly (tf.Tensor | null)[]): void {
    if (this.hyperparameters) this.optimiser.apply(gradients, this.hyperparameters.tensor);
    else this.optimiser.step(gradients, this.learningRate);
  }

  dispose(): void {
    this.hyperparameters?.dispose();
    this.optimiser.dispose();
  }
}
