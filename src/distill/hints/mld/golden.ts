import type { Unit } from '../../../../tests/golden/case';
import { numberParameter } from '../../../../tests/golden/inputs';
import { logitUnit } from '../../../../tests/golden/loss-units';
import { perLabelLosses } from './loss';

export const units: Record<string, Unit> = {
  mldLoss: logitUnit(({ student, teacher }, golden) =>
    perLabelLosses(student, teacher, numberParameter(golden, 'temperature')),
  ),
};
