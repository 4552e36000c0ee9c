import type { Unit } from '../../../../tests/golden/case';
import { logitUnit } from '../../../../tests/golden/loss-units';
import { logitLosses } from './loss';

export const units: Record<string, Unit> = {
  logitMse: logitUnit(({ student, teacher }) => logitLosses(student, teacher)),
};
