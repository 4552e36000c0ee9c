import type { Unit } from '../case';
import { apprenticeUnits } from './apprentice';
import { cganKdUnits } from './cgan-kd';
import { dotOptimizer } from './dot';
import { drawnUnits } from './drawn';
import { ensembleSwitchUnits } from './ensemble-switch';
import { hkdBilevelStep, hkdWeightEnsembling } from './hkd';
import { kdUdaUnits } from './kd-uda';
import { mgdUnits } from './mgd';
import { mismatchedUnits } from './mismatched';
import { rcoUnits } from './rco';
import { specialistUnits } from './specialists';

/** `golden.ts` of every hint. */
const ofHints = import.meta.glob<Record<string, Unit>>('../../../src/distill/hints/*/golden.ts', {
  import: 'units',
  eager: true,
});

/** The code under test, by the unit names of the golden files. */
export const units: Readonly<Record<string, Unit>> = {
  ...Object.fromEntries(Object.values(ofHints).flatMap((each) => Object.entries(each))),
  'hkd-bilevel-step': hkdBilevelStep,
  'hkd-weight-ensembling': hkdWeightEnsembling,
  ...apprenticeUnits,
  ...cganKdUnits,
  dotOptimizer,
  ...drawnUnits,
  ...ensembleSwitchUnits,
  ...kdUdaUnits,
  ...mgdUnits,
  ...mismatchedUnits,
  ...rcoUnits,
  ...specialistUnits,
};
