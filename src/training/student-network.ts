/** The student's network as its knobs have it: in full or in low precision. */
import { precisionOf } from '../distill/students/precision';
import { planNetwork } from '../nn/describe';
import { writeDown, writeNetwork, type WrittenNetwork } from '../nn/graph/emit';
import { inLowPrecision, roundedParts, type Precision, type RoundedParts } from '../nn/low-precision';
import type { FirstValues } from '../nn/module';
import { Network } from '../nn/network';
import type { JoinedDefinition } from '../nn/networks/define-network';
import type { TeacherSetting } from './teachers/teacher';

type Setting = Pick<TeacherSetting, 'recipe' | 'input' | 'outputs'>;

/** A student in low precision. */
export interface LowPrecision {
  precision: Precision;
  parts: RoundedParts;
  /** In full precision. */
  plain: JoinedDefinition;
  /** With its parts rounded. */
  define: JoinedDefinition;
}

/**
 * Null in full precision.
 * @throws Error when there is no such network or the input is too small for it
 */
export function lowPrecisionOf({ recipe, input, outputs }: Setting): LowPrecision | null {
  const precision = precisionOf(recipe.student);
  if (!precision) return null;
  const plan = planNetwork(recipe.student.network, input, outputs);
  if ('problem' in plan) throw new Error(plan.problem);
  const parts = roundedParts(plan.define, input, precision);
  return { precision, parts, plain: plan.define, define: inLowPrecision(plan.define, parts, precision) };
}

/** @throws Error with a sentence when given values do not fit */
export function createStudentNetwork(setting: Setting, values: FirstValues): Network {
  const { recipe, input, outputs } = setting;
  const { network } = recipe.student;
  const low = lowPrecisionOf(setting);
  return low
    ? Network.joined(low.define, network, input, outputs, values)
    : Network.create(network, input, outputs, values);
}

/** The same setting with the student in full precision. */
export function inFull<S extends Setting>(setting: S): S {
  const student = { ...setting.recipe.student, bitsWeights: '32', bitsActivations: '32' } as const;
  return { ...setting, recipe: { ...setting.recipe, student } };
}

/** The student as a list of nodes. */
export function writeStudent(setting: Setting): WrittenNetwork {
  const { recipe, input, outputs } = setting;
  const low = lowPrecisionOf(setting);
  return low ? writeDown(low.define, input) : writeNetwork(recipe.student.network, input, outputs);
}
