import type { Unit } from '../case';
import { atLoss } from './at';
import { contrastUnits } from './contrast';
import { ctkdLoss } from './ctkd';
import { dotOptimizer } from './dot';
import { featureUnits } from './feature-hints';
import { hintLoss } from './fitnet';
import { hkdBilevelStep, hkdWeightEnsembling } from './hkd';
import { kdLoss, kdTotal } from './kd';
import { logitUnits } from './logit-hints';
import { mgdUnits } from './mgd';
import { rcoUnits } from './rco';
import { mlldLossAsCoded } from './mlld';
import { reviewUnits } from './review';
import { specialistUnits } from './specialists';
import { teacherlessUnits } from './teacherless';
import { transferUnits } from './transfer-hints';

/** The code under test, by the unit names of the golden files. */
export const units: Readonly<Record<string, Unit>> = {
  kdLoss,
  kdTotal,
  hintLoss,
  atLoss,
  'hkd-bilevel-step': hkdBilevelStep,
  'hkd-weight-ensembling': hkdWeightEnsembling,
  mlldLossAsCoded,
  ctkdLoss,
  dotOptimizer,
  ...logitUnits,
  ...teacherlessUnits,
  ...transferUnits,
  ...contrastUnits,
  ...featureUnits,
  ...reviewUnits,
  ...mgdUnits,
  ...rcoUnits,
  ...specialistUnits,
};
