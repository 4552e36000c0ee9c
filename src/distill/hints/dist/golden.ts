import { tf } from '../../../engine/tf';
import type { Unit } from '../../../../tests/golden/case';
import { numberParameter } from '../../../../tests/golden/inputs';
import { logitUnit } from '../../../../tests/golden/loss-units';
import { distLosses, distParts } from './loss';

export const units: Record<string, Unit> = {
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
};
