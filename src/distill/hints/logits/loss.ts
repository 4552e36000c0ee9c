import { tf, type Tensor, type Tensor1D } from '../../../engine/tf';
import type { Hint, HintFactory } from '../hint';
import type { logitsKnobs } from './about';
import { softenedView } from '../method-views';

/**
 * Mean over classes of (student - teacher)^2. Both [B,C]; gives [B].
 * Source: Ba and Caruana 2014; equals the Knowledge-Distillation-Zoo's logits loss.
 */
export function logitLosses(student: Tensor, teacher: Tensor): Tensor1D {
  return tf.mean(tf.squaredDifference(student, teacher), -1);
}

const classView: Hint['view'] = (student, teacher) =>
  softenedView(
    student.logits,
    teacher.logits,
    1,
    'The loss compares the numbers before the softmax, so even bars too small to be seen count; these are the probabilities that come of them.',
  );

export const createLogits: HintFactory<typeof logitsKnobs> = ({ pair }) => ({
  module: null,
  losses: (student, teacher) => logitLosses(student.logits, teacher.logits),
  // What is answered for the tracked samples is shown beside them anyway: numbers need no view of their own.
  ...(pair.target === 'class' ? { view: classView } : {}),
  dispose: () => undefined,
});
