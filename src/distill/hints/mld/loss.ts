import { divergenceTerms } from '../../../engine/divergence';
import { tf, type Tensor, type Tensor1D } from '../../../engine/tf';
import type { HintFactory } from '../hint';
import type { mldKnobs } from './about';

/**
 * T^2 times the mean over labels of the KL divergence of two Bernoulli distributions. Both [B,K]; gives [B].
 * Source: the multi-label logits distillation of Yang et al. 2023, whose text we could not read: mean over labels, as the
 * labels' own loss has it, and the temperature are our choice.
 */
export function perLabelLosses(student: Tensor, teacher: Tensor, temperature: number): Tensor1D {
  /** [B,2K] logarithms of the probability of each label, and of its absence. */
  const logShares = (logits: Tensor) => {
    const scaled = tf.div(logits, temperature);
    return tf.neg(tf.softplus(tf.concat([tf.neg(scaled), scaled], -1)));
  };
  const terms = divergenceTerms(logShares(teacher), logShares(student));
  return tf.mul(tf.sum<Tensor1D>(terms, -1), temperature ** 2 / student.shape[1]!);
}

export const createMld: HintFactory<typeof mldKnobs> = () => ({
  module: null,
  losses: (student, teacher, { knobs }) => perLabelLosses(student.logits, teacher.logits, knobs.temperature),
  view(student, teacher, { knobs }) {
    const shares = (logits: Tensor) => tf.sigmoid(tf.div(logits, knobs.temperature));
    const label =
      knobs.temperature === 1
        ? 'Probability of each label'
        : `Probability of each label at temperature ${knobs.temperature}`;
    return {
      line: 'What the loss compares for this instance: the probability of each label by itself. They need not sum to one.',
      panels: [
        { label, who: 'teacher', kind: 'bars', values: shares(teacher.logits) },
        { label, who: 'student', kind: 'bars', values: shares(student.logits) },
      ],
    };
  },
  dispose: () => undefined,
});
