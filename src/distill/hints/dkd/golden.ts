import { tf } from '../../../engine/tf';
import type { GoldenCase, Unit } from '../../../../tests/golden/case';
import { numberParameter } from '../../../../tests/golden/inputs';
import { logitUnit, type Logits } from '../../../../tests/golden/loss-units';
import { crossEntropies } from '../../objective';
import { dkdLosses, dkdParts } from './loss';

const optionsOf = (golden: GoldenCase) => ({
  alpha: numberParameter(golden, 'alpha'),
  beta: numberParameter(golden, 'beta'),
  temperature: numberParameter(golden, 'temperature'),
});
const warmupFactor = (golden: GoldenCase) =>
  Math.min(numberParameter(golden, 'epoch') / numberParameter(golden, 'warmup'), 1);
const losses = ({ student, teacher, target }: Logits, golden: GoldenCase) =>
  dkdLosses(student, teacher, target, optionsOf(golden));

export const units: Record<string, Unit> = {
  dkdLoss: logitUnit(losses, ({ student, teacher, target }, golden) => {
    const parts = dkdParts(student, teacher, target, numberParameter(golden, 'temperature'));
    return { tckd: tf.mean(parts.targetPart), nckd: tf.mean(parts.nonTargetPart) };
  }),
  dkdTotal: logitUnit(
    (logits, golden) =>
      tf.add(
        tf.mul(crossEntropies(logits.student, logits.target), numberParameter(golden, 'ceWeight')),
        tf.mul(losses(logits, golden), warmupFactor(golden)),
      ),
    (logits, golden) => ({
      ce: tf.mean(crossEntropies(logits.student, logits.target)),
      dkd: tf.mean(losses(logits, golden)),
      warmupFactor: tf.scalar(warmupFactor(golden)),
    }),
  ),
};
