import { tf } from '../../../engine/tf';
import type { Unit } from '../../../../tests/golden/case';
import { numberParameter } from '../../../../tests/golden/inputs';
import { logitUnit } from '../../../../tests/golden/loss-units';
import { crossEntropies } from '../../objective';
import { tfkdRegLosses } from './loss';

export const units: Record<string, Unit> = {
  /** (1 - alpha) * CE + alpha * the loss */
  tfkdRegLoss: logitUnit(({ student, target }, golden) => {
    const alpha = numberParameter(golden, 'alpha');
    const losses = tfkdRegLosses(student, target, {
      temperature: numberParameter(golden, 'temperature'),
      multiplier: numberParameter(golden, 'multiplier'),
    });
    return tf.add(tf.mul(crossEntropies(student, target), 1 - alpha), tf.mul(losses, alpha));
  }),
};
