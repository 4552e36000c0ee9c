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
  /** One for each update of a step; none where updates are not in place. */
  private readonly hyperparameters: readonly LiveTensor<tf.Tensor1D>[];
  private readonly updates: number;
  private learningRate = 0;
  /** Updates of the step that are done. */
  private applied = 0;

  /** Owns the optimiser. @param updates in each step */
  constructor(optimiser: O, updates = 1) {
    this.optimiser = optimiser;
    this.updates = updates;
    this.hyperparameters = canUpdateInPlace()
      ? Array.from({ length: updates }, () => liveTensor<tf.Tensor1D>([optimiser.hyperparameters]))
      : [];
  }

  /** Tensors that are written between steps. */
  get inputs(): LiveTensor[] {
    return [...this.hyperparameters];
  }

  /** Before a step: increments the step count by its updates. */
  prepare(learningRate: number): void {
    this.learningRate = learningRate;
    this.applied = 0;
    for (const live of this.hyperparameters) live.write(this.optimiser.advance(learningRate));
  }

  /**
   * Inside the step: updates the variables. The caller keeps the gradients; a variable with a null gradient is
   * unchanged.
   */
  apply(gradients: readonly (tf.Tensor | null)[]): void {
    // A step is computed again when it is recorded, so the count goes round.
    const live = this.hyperparameters[this.applied++ % this.updates];
    if (live) this.optimiser.apply(gradients, live.tensor);
    else this.optimiser.step(gradients, this.learningRate);
  }

  dispose(): void {
    this.hyperparameters.forEach((live) => live.dispose());
    this.optimiser.dispose();
  }
}
