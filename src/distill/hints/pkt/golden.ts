import type { Unit } from '../../../../tests/golden/case';
import { numberParameter } from '../../../../tests/golden/inputs';
import { featuresOf, lossUnit } from '../../../../tests/golden/loss-units';
import { pktLosses } from './loss';

export const units: Record<string, Unit> = {
  pktLoss: lossUnit((tensors, golden) => pktLosses(...featuresOf(tensors), numberParameter(golden, 'eps')), {
    by: () => ['studentFeature'],
  }),
};
