import { tf } from '../../../engine/tf';
import type { Unit } from '../../../../tests/golden/case';
import { differentiate, numberParameter, numbersOf, tensorsOf } from '../../../../tests/golden/inputs';
import { logitsOf } from '../../../../tests/golden/loss-units';
import { crossEntropies } from '../../objective';
import { reverseKdLosses } from './loss';

/** The source's loss with its labels, and beside it the target's; the teacher gets a gradient too, as coded. */
const reverseKd: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const { student, teacher, target } = logitsOf(tensors);
  const alpha = numberParameter(golden, 'alpha');
  const distilled = () =>
    tf.mean<tf.Scalar>(reverseKdLosses(student, teacher, numberParameter(golden, 'temperature')));
  const total = () =>
    tf.add(
      tf.mul(distilled(), alpha),
      tf.mul(tf.mean(crossEntropies(student, target)), 1 - alpha),
    ) as tf.Scalar;
  const { value, grads } = differentiate(total, tensors, ['studentLogits', 'teacherLogits']);
  return { loss: (await numbersOf(value))[0]!, outputs: { targetLoss: distilled() }, grads };
};

export const units: Record<string, Unit> = { reverseKd };
