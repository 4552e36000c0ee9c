import type { Unit } from '../../../../tests/golden/case';
import { numberParameter } from '../../../../tests/golden/inputs';
import { logitUnit } from '../../../../tests/golden/loss-units';
import { dkdLosses } from '../dkd/loss';
import { lskdLosses, standardise } from './loss';

export const units: Record<string, Unit> = {
  lskdLoss: logitUnit(({ student, teacher }, golden) =>
    lskdLosses(student, teacher, numberParameter(golden, 'temperature')),
  ),
  lskdDkdLoss: logitUnit(({ student, teacher, target }, golden) =>
    dkdLosses(standardise(student), standardise(teacher), target, {
      alpha: numberParameter(golden, 'alpha'),
      beta: numberParameter(golden, 'beta'),
      temperature: numberParameter(golden, 'temperature'),
    }),
  ),
};
