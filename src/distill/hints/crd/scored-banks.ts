import { tf } from '../../../engine/tf';
import { readVariables, variableOf } from '../../../engine/variables';
import type { RandomStream } from '../../../random/streams';
import { Banks } from '../banks';

/** Banks whose scores are divided by two normalisers, which are variables too. */
export class ScoredBanks extends Banks {
  /** Of the student's scores and of the teacher's; negative until the first batch has set it. */
  private readonly normalisers: readonly [tf.Variable, tf.Variable];

  constructor(images: number, width: number, random: RandomStream, scope: string) {
    super(images, width, random, scope);
    const normaliser = () => variableOf(() => tf.scalar(-1), false, `${scope}/normaliser`);
    this.normalisers = [normaliser(), normaliser()];
  }

  override get variables(): tf.Variable[] {
    return [...super.variables, ...this.normalisers];
  }

  /** The normaliser of the student's (0) or the teacher's (1) scores: as set, else the estimate. */
  normaliser(which: 0 | 1, estimate: tf.Scalar): tf.Scalar {
    const set = this.normalisers[which];
    const fresh = tf.step(tf.neg(set));
    return tf.add(tf.mul(estimate, fresh), tf.mul(set, tf.sub(1, fresh)));
  }

  /** [2] as set; negative where they are not. */
  async normaliserValues(): Promise<Float32Array> {
    const [student, teacher] = await readVariables(this.normalisers);
    return Float32Array.of(student![0]!, teacher![0]!);
  }

  setNormalisers(values: readonly [tf.Scalar, tf.Scalar]): void {
    values.forEach((value, i) => this.normalisers[i]!.assign(value));
  }
}
