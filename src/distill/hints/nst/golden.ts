import type { Unit } from '../../../../tests/golden/case';
import { stagesUnit } from '../../../../tests/golden/loss-units';
import { nstStageLosses } from './loss';

export const units: Record<string, Unit> = {
  nstLoss: stagesUnit((student, teacher) => nstStageLosses(student, teacher)),
};
