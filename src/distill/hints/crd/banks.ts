import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import { variableOf } from '../../../engine/variables';
import type { RandomStream } from '../../../random/streams';
import { movedRows } from './contrast';

/** An embedding of every image by either network, and the two normalisers, as variables. */
export class Banks {
  /** [N,D] of the student; the teacher's embeddings are compared with it. */
  readonly student: tf.Variable<tf.Rank.R2>;
  /** [N,D] of the teacher. */
  readonly teacher: tf.Variable<tf.Rank.R2>;
  /** Of the student's scores and of the teacher's; negative until the first batch has set it. */
  private readonly normalisers: readonly [tf.Variable, tf.Variable];

  /** Rows start uniform in +-sqrt(3/D), not of unit length, as in the authors' code. */
  constructor(images: number, width: number, random: RandomStream, scope: string) {
    const bound = Math.sqrt(3 / width);
    const bank = (name: string) => {
      const values = Float32Array.from({ length: images * width }, () => (2 * random.uniform() - 1) * bound);
      return variableOf(() => tf.tensor2d(values, [images, width]), false, `${scope}/bank/${name}`);
    };
    this.student = bank('student') as tf.Variable<tf.Rank.R2>;
    this.teacher = bank('teacher') as tf.Variable<tf.Rank.R2>;
    const normaliser = () => variableOf(() => tf.scalar(-1), false, `${scope}/normaliser`);
    this.normalisers = [normaliser(), normaliser()];
  }

  get variables(): tf.Variable[] {
    return [this.student, this.teacher, ...this.normalisers];
  }

  /** The normaliser of the student's (0) or the teacher's (1) scores: as set, else the estimate. */
  normaliser(which: 0 | 1, estimate: tf.Scalar): tf.Scalar {
    const set = this.normalisers[which];
    const fresh = tf.step(tf.neg(set));
    return tf.add(tf.mul(estimate, fresh), tf.mul(set, tf.sub(1, fresh)));
  }

  setNormalisers(values: readonly [tf.Scalar, tf.Scalar]): void {
    values.forEach((value, i) => this.normalisers[i]!.assign(value));
  }

  /** Moves the rows of a batch towards its embeddings [B,D]. */
  take(rows: Tensor1D, student: Tensor2D, teacher: Tensor2D, momentum: number): void {
    const indices = tf.reshape(rows, [-1, 1]);
    const move = (bank: tf.Variable<tf.Rank.R2>, embeddings: Tensor) => {
      const moved = movedRows(tf.gather(bank, rows), embeddings as Tensor2D, momentum);
      bank.assign(tf.tensorScatterUpdate(bank, indices, moved));
    };
    tf.tidy(() => {
      move(this.student, student);
      move(this.teacher, teacher);
    });
  }

  dispose(): void {
    for (const variable of this.variables) variable.dispose();
  }
}
