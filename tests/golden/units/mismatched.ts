/** Units of distillation with mismatched images: a loss over real pictures and stimuli, and what the teacher says of stimuli. */
import { kdLosses } from '../../../src/distill/hints/kd/loss';
import { balancedShares, stimulusStatistics } from '../../../src/distill/material/stimulus-statistics';
import { crossEntropies, meanOverLabelled } from '../../../src/distill/objective';
import { tf, type Tensor2D } from '../../../src/engine/tf';
import type { Unit } from '../case';
import { differentiate, need, numberParameter, numbersOf, tensorsOf } from '../inputs';

const mismatchedLoss: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const [student, teacher] = [need(tensors, 'studentLogits'), need(tensors, 'teacherLogits')];
  const [batch, classes] = student.shape as [number, number];
  const labels = golden.inputs['labels']!.data;
  // Stimuli come after the real pictures and have no label.
  const oneHot = new Float32Array(batch * classes);
  labels.forEach((label, row) => (oneHot[row * classes + label] = 1));
  const target = tf.tensor2d(oneHot, [batch, classes]) as Tensor2D;
  const crossEntropy = () => meanOverLabelled(crossEntropies(student, target), labels.length);
  const distilled = () => kdLosses(student, teacher, numberParameter(golden, 'temperature'));
  const total = () =>
    tf.add(
      tf.mul(crossEntropy(), numberParameter(golden, 'ceWeight')),
      tf.mul(tf.mean(distilled()), numberParameter(golden, 'kdWeight')),
    ) as tf.Scalar;
  const { value, grads } = differentiate(total, tensors, ['studentLogits']);
  return {
    loss: (await numbersOf(value))[0]!,
    perSample: await numbersOf(distilled()),
    outputs: { crossEntropy: crossEntropy() },
    grads,
  };
};

const statistics: Unit = (golden) => {
  const { data, shape } = golden.inputs['teacherLogits']!;
  const { histogram, effectiveClasses, meanEntropy, meanTop, information, top } = stimulusStatistics(
    data,
    shape[1]!,
  );
  return {
    outputs: {
      histogram,
      effectiveClasses: [effectiveClasses],
      meanEntropy: [meanEntropy],
      meanTop: [meanTop],
      information: [information],
      balancedWeights: Array.from(balancedShares(top)),
    },
  };
};

export const mismatchedUnits: Record<string, Unit> = { mismatchedLoss, stimulusStatistics: statistics };
