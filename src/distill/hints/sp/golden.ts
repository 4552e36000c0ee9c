import type { Unit } from '../../../../tests/golden/case';
import { featuresOf, lossUnit } from '../../../../tests/golden/loss-units';
import { spLosses } from './loss';

export const units: Record<string, Unit> = {
  spLoss: lossUnit((tensors) => spLosses(...featuresOf(tensors)), { by: () => ['studentFeature'] }),
};
