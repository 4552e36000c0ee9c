import { divergenceTerms } from '../../../engine/divergence';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import type { HintFactory } from '../hint';
import type { tfkdRegKnobs } from './about';
import { targetView } from '../method-views';
import { overLabelled } from '../targets';

/** Probability of the right class in the hand-made teacher. */
const correctProbability = 0.99;

/**
 * Teacher-free KD with a hand-made teacher: multiplier * mean over classes of q (ln q - ln p), where p is the student's
 * answer at temperature 1 and q = softmax(u / T) of the probabilities u, 0.99 on the label and the rest spread evenly.
 * (A softmax of probabilities: at T = 20 it is nearly even. That is what the published results were made with.)
 * @param logits [B,C], differentiable
 * @param target [B,C] one-hot, constant; a row of zeros gives 0
 * @returns [B]. Source: Yuan et al. 2020, the authors' code (there times alpha, which is the hint's weight here).
 */
export function tfkdRegLosses(
  logits: Tensor,
  target: Tensor2D,
  { temperature, multiplier }: { temperature: number; multiplier: number },
): Tensor1D {
  return tf.tidy(() => {
    const logTeacher = tf.logSoftmax(tf.div(handMade(target), temperature) as Tensor2D);
    const terms = divergenceTerms(logTeacher, tf.logSoftmax(logits as Tensor2D));
    return tf.mul(tf.mul(tf.mean(terms, -1), tf.sum(target, -1)), multiplier);
  });
}

/** The hand-made teacher's probabilities before they are softened, [B,C]. */
function handMade(target: Tensor2D): Tensor2D {
  const rest = (1 - correctProbability) / (target.shape[1] - 1);
  return tf.tidy(() => tf.add(tf.mul(target, correctProbability - rest), rest));
}

export const createTfkdReg: HintFactory<typeof tfkdRegKnobs> = () => ({
  module: null,
  losses: (student, _teacher, { knobs, targets: oneHot }) =>
    overLabelled(tfkdRegLosses(student.logits, oneHot, knobs), oneHot),
  view: (student, _teacher, { knobs, targets: oneHot }) =>
    targetView(
      student.logits,
      tf.softmax(tf.div(handMade(oneHot), knobs.temperature) as Tensor2D),
      'What the hand-made teacher says, hardly more of the right class than of any other, beside the student’s answer.',
    ),
  dispose: () => undefined,
});
