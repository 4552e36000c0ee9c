/** Units of the hints that look at logits alone. */
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../src/engine/tf';
import { distLosses, distParts } from '../../../src/distill/hints/dist/loss';
import { dkdLosses, dkdParts } from '../../../src/distill/hints/dkd/loss';
import { logitLosses } from '../../../src/distill/hints/logits/loss';
import { lskdLosses, standardise } from '../../../src/distill/hints/lskd/loss';
import { nkdParts } from '../../../src/distill/hints/nkd/loss';
import { wsldLosses } from '../../../src/distill/hints/wsld/loss';
import { crossEntropies } from '../../../src/distill/objective';
import type { GoldenCase, Unit, UnitResult } from '../case';
import { differentiate, need, numberParameter, numbersOf, tensorsOf, type Tensors } from './inputs';

interface Logits {
  student: Tensor;
  teacher: Tensor;
  /** [B,C] one-hot */
  target: Tensor2D;
}

/** A unit from its per-instance losses and, where the file wants them, further outputs. */
function logitUnit(
  losses: (logits: Logits, golden: GoldenCase) => Tensor1D,
  outputs: (logits: Logits, golden: GoldenCase) => Tensors = () => ({}),
): Unit {
  return async (golden): Promise<UnitResult> => {
    const tensors = tensorsOf(golden);
    const student = need(tensors, 'studentLogits');
    const labels = tensors['labels'];
    const target = labels
      ? (tf.cast(tf.oneHot(labels, student.shape[1]!), 'float32') as Tensor2D)
      : (tf.zerosLike(student) as Tensor2D);
    const logits = { student, teacher: need(tensors, 'teacherLogits'), target };
    const { value, grads } = differentiate(() => tf.mean(losses(logits, golden)), tensors, ['studentLogits']);
    return {
      loss: (await numbersOf(value))[0]!,
      perSample: await numbersOf(losses(logits, golden)),
      outputs: outputs(logits, golden),
      grads,
    };
  };
}

const dkdOptions = (golden: GoldenCase) => ({
  alpha: numberParameter(golden, 'alpha'),
  beta: numberParameter(golden, 'beta'),
  temperature: numberParameter(golden, 'temperature'),
});
const nkdOptions = (golden: GoldenCase) => ({
  temperature: numberParameter(golden, 'temperature'),
  gamma: numberParameter(golden, 'gamma'),
});
const nkdLosses = ({ student, teacher, target }: Logits, golden: GoldenCase) => {
  const { targetPart, nonTargetPart } = nkdParts(student, teacher, target, nkdOptions(golden));
  return tf.add(targetPart, nonTargetPart) as Tensor1D;
};
const warmupFactor = (golden: GoldenCase) =>
  Math.min(numberParameter(golden, 'epoch') / numberParameter(golden, 'warmup'), 1);
const dkdOf = ({ student, teacher, target }: Logits, golden: GoldenCase) =>
  dkdLosses(student, teacher, target, dkdOptions(golden));

export const logitUnits: Record<string, Unit> = {
  logitMse: logitUnit(({ student, teacher }) => logitLosses(student, teacher)),
  dkdLoss: logitUnit(dkdOf, ({ student, teacher, target }, golden) => {
    const parts = dkdParts(student, teacher, target, numberParameter(golden, 'temperature'));
    return { tckd: tf.mean(parts.targetPart), nckd: tf.mean(parts.nonTargetPart) };
  }),
  dkdTotal: logitUnit(
    (logits, golden) =>
      tf.add(
        tf.mul(crossEntropies(logits.student, logits.target), numberParameter(golden, 'ceWeight')),
        tf.mul(dkdOf(logits, golden), warmupFactor(golden)),
      ),
    (logits, golden) => ({
      ce: tf.mean(crossEntropies(logits.student, logits.target)),
      dkd: tf.mean(dkdOf(logits, golden)),
      warmupFactor: tf.scalar(warmupFactor(golden)),
    }),
  ),
  nkdLoss: logitUnit(nkdLosses, ({ student, teacher, target }, golden) => {
    const { targetPart, nonTargetPart } = nkdParts(student, teacher, target, nkdOptions(golden));
    return { target: tf.mean(targetPart), nonTarget: tf.mean(nonTargetPart) };
  }),
  wsldLoss: logitUnit(({ student, teacher, target }, golden) =>
    tf.mul(
      wsldLosses(student, teacher, target, numberParameter(golden, 'temperature')),
      numberParameter(golden, 'alpha'),
    ),
  ),
  distLoss: logitUnit(
    ({ student, teacher }, golden) =>
      distLosses(student, teacher, {
        temperature: numberParameter(golden, 'temperature'),
        beta: numberParameter(golden, 'beta'),
        gamma: numberParameter(golden, 'gamma'),
      }),
    ({ student, teacher }, golden) => {
      const { inter, intra } = distParts(student, teacher, numberParameter(golden, 'temperature'));
      // The files hold both with the factor T^2.
      const square = numberParameter(golden, 'temperature') ** 2;
      return { inter: tf.mul(tf.mean(inter), square), intra: tf.mul(intra, square) };
    },
  ),
  lskdLoss: logitUnit(({ student, teacher }, golden) =>
    lskdLosses(student, teacher, numberParameter(golden, 'temperature')),
  ),
  lskdDkdLoss: logitUnit(({ student, teacher, target }, golden) =>
    dkdLosses(standardise(student), standardise(teacher), target, dkdOptions(golden)),
  ),
};
