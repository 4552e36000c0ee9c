import type { Unit } from '../../../../tests/golden/case';
import { numberParameter } from '../../../../tests/golden/inputs';
import { stagesUnit } from '../../../../tests/golden/loss-units';
import { atStageLosses } from './loss';

export const units: Record<string, Unit> = {
  atLoss: stagesUnit((student, teacher, golden) =>
    atStageLosses(student, teacher, numberParameter(golden, 'p')),
  ),
};
