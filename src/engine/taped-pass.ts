import { gradientsOf } from './gradients';
import { tf } from './tf';

type TapeNode = ReturnType<typeof tf.engine>['state']['activeTape'][number];

/**
 * What was computed once and is differentiated as often as one likes, each time through another loss: several gradients
 * for the price of one forward pass.
 *
 * Ownership: `value` belongs to the tidy (or caller) in which the pass was made; what gradients need is kept until
 * `dispose`. All other tensors made in `f` are disposed, save those passed to `tf.keep`.
 */
export class TapedPass<T> {
  readonly value: T;
  private readonly tape: TapeNode[] = [];

  /**
   * @param f gives tensors, in plain objects or arrays
   * @throws Error inside a differentiated function, which has a tape of its own
   */
  constructor(f: () => T) {
    const { state } = tf.engine();
    if (state.gradientDepth > 0) throw new Error('A taped pass cannot be part of another gradient.');
    state.activeTape = this.tape;
    state.gradientDepth++;
    try {
      this.value = tf.tidy(f as () => tf.TensorContainer) as T;
    } catch (error) {
      this.dispose();
      throw error;
    } finally {
      state.gradientDepth--;
    }
  }

  /**
   * `gradientsOf` a loss that is made of `value`.
   * @param xs what `f` used, as it is (variables or plain tensors)
   */
  gradientsOf(loss: (value: T) => tf.Scalar, xs: tf.Tensor[]): ReturnType<typeof gradientsOf> {
    return gradientsOf(() => {
      // Without what is kept, which TensorFlow.js would dispose after the gradient.
      tf.engine().state.activeTape.push(...this.tape.map((node) => ({ ...node, saved: [] })));
      return loss(this.value);
    }, xs);
  }

  /** Gives back what was kept for gradients. */
  dispose(): void {
    for (const { saved } of this.tape) tf.dispose(saved ?? []);
    this.tape.length = 0;
  }
}
