import { tf } from './tf';

/**
 * Tensors that are made inside a differentiated function and needed after it; without this, the end of the function
 * disposes them. The creator of a `KeptTensors` disposes it.
 */
export class KeptTensors {
  private readonly tensors: tf.Tensor[] = [];

  /** Keeps a clone (of the handle, not of the numbers) until `dispose`. */
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
