import { tf } from './tf';

/**
 * Tensors made inside a differentiated function and needed after it: the function's end would dispose them.
 * Whoever makes a `Held` disposes it.
 */
export class KeptTensors {
  private readonly tensors: tf.Tensor[] = [];

  /** Takes a copy (of the handle, not of the numbers) that lives until `dispose`. */
  keep<T extends tf.Tensor>(tensor: T): T {
    const kept = tf.keep(tensor.clone());
    this.tensors.push(kept);
    return kept as T;
  }

  dispose(): void {
    tf.dispose(this.tensors);
    this.tensors.length = 0;
  }
}
