import { tf } from '../../../engine/tf';
import type { Unit } from '../../../../tests/golden/case';
import { differentiate, numberParameter, numbersOf, tensorsOf } from '../../../../tests/golden/inputs';
import { logitsOf, logitUnit } from '../../../../tests/golden/loss-units';
import { crossEntropies } from '../../objective';
import { kdLosses } from './loss';

/** The cross-entropy and the soft targets, weighted. */
const kdTotal: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const { student, teacher, target } = logitsOf(tensors);
  const ce = () => tf.mean(crossEntropies(student, target));
  const kd = () => tf.mean(kdLosses(student, teacher, numberParameter(golden, 'temperature')));
  const total = () =>
    tf.add(
      tf.mul(ce(), numberParameter(golden, 'ceWeight')),
      tf.mul(kd(), numberParameter(golden, 'kdWeight')),
    ) as tf.Scalar;
  const { value, grads } = differentiate(total, tensors, ['studentLogits']);
  return { loss: (await numbersOf(value))[0]!, outputs: { ce: ce(), kd: kd() }, grads };
};

export const units: Record<string, Unit> = {
  kdLoss: logitUnit(({ student, teacher }, golden) =>
    kdLosses(student, teacher, numberParameter(golden, 'temperature')),
  ),
  kdTotal,
};
