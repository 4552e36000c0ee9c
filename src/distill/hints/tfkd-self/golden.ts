import { tf } from '../../../engine/tf';
import type { Unit } from '../../../../tests/golden/case';
import { numberParameter } from '../../../../tests/golden/inputs';
import { logitUnit } from '../../../../tests/golden/loss-units';
import { crossEntropies } from '../../objective';
import { tfkdSelfLosses } from './loss';

export const units: Record<string, Unit> = {
  /** (1 - alpha) * CE + alpha * the loss */
  tfkdSelfLoss: logitUnit(({ student, teacher, target }, golden) => {
    const alpha = numberParameter(golden, 'alpha');
    const losses = tfkdSelfLosses(student, teacher, {
      temperature: numberParameter(golden, 'temperature'),
      multiplier: numberParameter(golden, 'multiplier'),
    });
    return tf.add(tf.mul(crossEntropies(student, target), 1 - alpha), tf.mul(losses, alpha));
  }),
};
