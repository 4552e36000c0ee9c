import { tf } from '../../../engine/tf';
import type { GoldenCase, Unit } from '../../../../tests/golden/case';
import { numberParameter } from '../../../../tests/golden/inputs';
import { logitUnit, type Logits } from '../../../../tests/golden/loss-units';
import { crossEntropies } from '../../objective';
import { softAnswerLosses } from './loss';

const softOf = ({ student, teacher }: Logits, golden: GoldenCase) =>
  softAnswerLosses(student, teacher, {
    temperature: numberParameter(golden, 'temperature'),
    timesSquare: false,
  });

export const units: Record<string, Unit> = {
  'specialist-distill-loss': logitUnit(
    (logits, golden) =>
      tf.add(
        softOf(logits, golden),
        tf.mul(crossEntropies(logits.student, logits.target), numberParameter(golden, 'lambdaSupervised')),
      ),
    (logits, golden) => ({
      soft: softOf(logits, golden),
      hard: crossEntropies(logits.student, logits.target),
    }),
  ),
};
