import { softmaxCrossEntropy } from '../../../engine/loss-ops';
import { tf, type Tensor, type Tensor1D } from '../../../engine/tf';
import type { HintFactory } from '../hint';
import type { softAnswersKnobs } from './about';

/**
 * Cross-entropy of the softened answers: -sum_c softmax(teacher/T)_c * log softmax(student/T)_c, times T^2 if asked for.
 * Unlike a divergence it does not fall to zero for a perfect student.
 * @param student logits [B,C], differentiable
 * @param teacher logits [B,C], constant
 * @returns [B]. Source: Adamantios/Knowledge-Transfer, core/losses.py.
 */
export function softAnswerLosses(
  student: Tensor,
  teacher: Tensor,
  { temperature, timesSquare }: { temperature: number; timesSquare: boolean },
): Tensor1D {
  return tf.tidy(() => {
    const targets = tf.softmax(tf.div(teacher, temperature));
    const losses = softmaxCrossEntropy(tf.div(student, temperature), targets);
    return timesSquare ? tf.mul(losses, temperature * temperature) : losses;
  });
}

export const createSoftAnswers: HintFactory<typeof softAnswersKnobs> = () => ({
  module: null,
  losses: (student, teacher, { knobs }) =>
    softAnswerLosses(student.logits, teacher.logits, {
      temperature: knobs.temperature,
      timesSquare: knobs.timesSquare,
    }),
  dispose: () => undefined,
});
