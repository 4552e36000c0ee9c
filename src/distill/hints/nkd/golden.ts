import { tf, type Tensor1D } from '../../../engine/tf';
import type { GoldenCase, Unit } from '../../../../tests/golden/case';
import { numberParameter } from '../../../../tests/golden/inputs';
import { logitUnit, type Logits } from '../../../../tests/golden/loss-units';
import { nkdParts } from './loss';

const partsOf = ({ student, teacher, target }: Logits, golden: GoldenCase) =>
  nkdParts(student, teacher, target, {
    temperature: numberParameter(golden, 'temperature'),
    gamma: numberParameter(golden, 'gamma'),
  });

export const units: Record<string, Unit> = {
  nkdLoss: logitUnit(
    (logits, golden) => {
      const { targetPart, nonTargetPart } = partsOf(logits, golden);
      return tf.add<Tensor1D>(targetPart, nonTargetPart);
    },
    (logits, golden) => {
      const { targetPart, nonTargetPart } = partsOf(logits, golden);
      return { target: tf.mean(targetPart), nonTarget: tf.mean(nonTargetPart) };
    },
  ),
};
