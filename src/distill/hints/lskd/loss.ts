import { tf, type Tensor, type Tensor1D } from '../../../engine/tf';
import { dkdLosses } from '../dkd/loss';
import type { HintFactory } from '../hint';
import type { lskdKnobs } from './about';
import { softenedView } from '../method-views';
import { kdLosses } from '../kd/loss';
import { targetsOf } from '../targets';

/**
 * (z - mean) / (1e-7 + deviation) per row, deviation with divisor C-1; the gradient flows through both.
 * Source: Sun et al. 2024, the authors' code.
 */
export function standardise(logits: Tensor): Tensor {
  return tf.tidy(() => {
    const centred = tf.sub(logits, tf.mean(logits, -1, true));
    const variance = tf.div(tf.sum(tf.square(centred), -1, true), logits.shape[1]! - 1);
    return tf.div(centred, tf.add(tf.sqrt(tf.maximum(variance, 1e-30)), 1e-7));
  });
}

/** KD on standardised logits, [B]. */
export function lskdLosses(student: Tensor, teacher: Tensor, temperature: number): Tensor1D {
  return tf.tidy(() => kdLosses(standardise(student), standardise(teacher), temperature));
}

export const createLskd: HintFactory<typeof lskdKnobs> = () => ({
  module: null,
  losses: (student, teacher, { knobs, targets: oneHot }) => {
    const temperature = knobs.temperature;
    if (knobs.base === 'kd') return lskdLosses(student.logits, teacher.logits, temperature);
    const options = { alpha: 1, beta: knobs.beta, temperature };
    const target = targetsOf(oneHot, teacher.logits);
    return dkdLosses(standardise(student.logits), standardise(teacher.logits), target, options);
  },
  view: (student, teacher, { knobs }) =>
    softenedView(
      standardise(student.logits),
      standardise(teacher.logits),
      knobs.temperature,
      'Standardised, only the pattern counts: the student’s bars should come to look like the teacher’s, however sure either is.',
    ),
  dispose: () => undefined,
});
