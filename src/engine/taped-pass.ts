import { gradientsOf } from './gradients';
import { tf } from './tf';

type TapeNode = ReturnType<typeof tf.engine>['state']['activeTape'][number];

/**
 * A forward pass that can be differentiated several times, each time through another loss: several gradients for the
 * price of one forward pass.
 *
 * Ownership: `value` belongs to the tidy (or caller) in which the pass was made; what gradients need is kept until
 * `dispose`. All other tensors made in `f` are disposed, except those passed to `tf.keep`.
 */
export class TapedPass<T> {
  readonly value: T;
  private readonly tape: TapeNode[] = [];

  /**
   * @param f returns tensors, in plain objects or arrays
   * @throws Error inside a differentiated function, which has its own tape
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
   * `gradientsOf` for a loss of `value`.
   * @param xs the inputs of `f`, uncopied (variables or plain tensors)
   */
  gradientsOf(loss: (value: T) => tf.Scalar, xs: tf.Tensor[]): ReturnType<typeof gradientsOf> {
    return gradientsOf(() => {
      // Excludes kept tensors, which TensorFlow.js would dispose after the gradient.
      tf.engine().state.activeTape.push(...this.tape.map((node) => ({ ...node, saved: [] })));
      return loss(this.value);
    }, xs);
  }

  /** Frees what was kept for gradients. */
  dispose(): void {
    for (const { saved } of this.tape) tf.dispose(saved ?? []);
    this.tape.length = 0;
  }
}
