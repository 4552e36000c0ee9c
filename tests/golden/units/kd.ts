import { tf, type Tensor2D } from '../../../src/engine/tf';
import { kdLosses } from '../../../src/distill/hints/kd/loss';
import { crossEntropies } from '../../../src/distill/objective';
import type { GoldenCase, UnitResult } from '../case';
import { differentiate, need, numberParameter, numbersOf, tensorsOf } from './inputs';

export async function kdLoss(golden: GoldenCase): Promise<UnitResult> {
  const tensors = tensorsOf(golden);
  const temperature = numberParameter(golden, 'temperature');
  const losses = () => kdLosses(need(tensors, 'studentLogits'), need(tensors, 'teacherLogits'), temperature);
  const { value, grads } = differentiate(() => tf.mean(losses()), tensors, ['studentLogits']);
  return { loss: (await numbersOf(value))[0]!, perSample: await numbersOf(losses()), grads };
}

export async function kdTotal(golden: GoldenCase): Promise<UnitResult> {
  const tensors = tensorsOf(golden);
  const student = need(tensors, 'studentLogits');
  const oneHot = tf.cast(tf.oneHot(need(tensors, 'labels'), student.shape[1]!), 'float32') as Tensor2D;
  const temperature = numberParameter(golden, 'temperature');
  const ce = () => tf.mean(crossEntropies(student, oneHot));
  const kd = () => tf.mean(kdLosses(student, need(tensors, 'teacherLogits'), temperature));
  const total = () =>
    tf.add(
      tf.mul(ce(), numberParameter(golden, 'ceWeight')),
      tf.mul(kd(), numberParameter(golden, 'kdWeight')),
    ) as tf.Scalar;
  const { value, grads } = differentiate(total, tensors, ['studentLogits']);
  return { loss: (await numbersOf(value))[0]!, outputs: { ce: ce(), kd: kd() }, grads };
}
