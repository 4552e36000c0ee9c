import type { Unit } from '../../../../tests/golden/case';
import { numberParameter } from '../../../../tests/golden/inputs';
import { logitUnit } from '../../../../tests/golden/loss-units';
import { labelSmoothingLosses, type Spread } from './loss';

export const units: Record<string, Unit> = {
  labelSmoothingLoss: logitUnit(({ student, target }, golden) =>
    labelSmoothingLosses(student, target, {
      smoothing: numberParameter(golden, 'smoothing'),
      spread: golden.params['spread'] as Spread,
    }),
  ),
};
