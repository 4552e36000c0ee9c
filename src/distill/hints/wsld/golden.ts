import { tf } from '../../../engine/tf';
import type { Unit } from '../../../../tests/golden/case';
import { numberParameter } from '../../../../tests/golden/inputs';
import { logitUnit } from '../../../../tests/golden/loss-units';
import { wsldLosses } from './loss';

export const units: Record<string, Unit> = {
  wsldLoss: logitUnit(({ student, teacher, target }, golden) =>
    tf.mul(
      wsldLosses(student, teacher, target, numberParameter(golden, 'temperature')),
      numberParameter(golden, 'alpha'),
    ),
  ),
};
