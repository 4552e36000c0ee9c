/** What is said of a student in low precision, and of one that starts from the teacher's weights, before a run. */
import { describeModule, type InputShape, type ParameterSpec } from '../nn/describe';
import { levelsOfWeights, stepsOfWeights } from '../nn/low-precision';
import { isForeignModel } from '../distill/teachers/single/about';
import { RunFailure } from './failure';
import { lowPrecisionOf, type LowPrecision } from './student-network';
import type { TeacherPlan, TeacherSetting } from './teachers/teacher';

type Setting = Pick<TeacherSetting, 'recipe' | 'input' | 'outputs'>;

/**
 * @param shown shape of an instance as the teacher sees it
 * @throws RunFailure when the student cannot start from the teacher's weights
 */
export function refuseStart(
  { recipe, input }: Setting,
  teacher: TeacherPlan | null,
  shown: InputShape,
): void {
  const { student, teacher: given } = recipe;
  if (student.start !== 'teacher') return;
  const name = teacher?.networks[0]?.name ?? null;
  const isSame = given.kind === 'single' && !isForeignModel(given) && name === student.network;
  if (isSame && input.join() === shown.join()) return;
  const why = isSame
    ? 'the student sees the images at another size'
    : given.kind !== 'single' || name === null
      ? 'here the teacher is not one network of this page'
      : `the teacher is ${name} and the student ${student.network}`;
  throw new RunFailure(
    `The student starts from the teacher’s weights (scheme C), so both must be the same network, and ${why}. Choose the same ${isSame ? 'picture for both' : 'network'}, or draw the first weights.`,
    { knob: 'student.start' },
  );
}

/** @throws RunFailure when nothing would be rounded */
export function refusePrecision(setting: Setting): void {
  const low = lowPrecisionOf(setting);
  if (!low || low.precision.activations === 32 || low.parts.activations.length > 0) return;
  throw new RunFailure(
    `${setting.recipe.student.network} has no ReLU between its first and its last layer, and only what a ReLU lets through is rounded. Leave the activations at 32 bits, or choose another network.`,
    { knob: 'student.bitsActivations' },
  );
}

/** Bits of all trained numbers, with one step of 32 bits for each rounded kernel; nothing in full precision. */
export function weightBits(setting: Setting): { bits?: number } {
  const low = lowPrecisionOf(setting);
  if (!low) return {};
  const rounded = new Set(low.parts.kernels);
  const { parameters } = describeModule((ops, images) => low.plain(ops, images!), [setting.input]);
  const bits = parameters
    .filter(({ kind }) => kind === 'weight')
    .reduce((sum, { name, shape }) => {
      const count = shape.reduce((product, side) => product * side, 1);
      return sum + (rounded.has(name) ? count * low.precision.weights + 32 : count * 32);
    }, 0);
  return { bits };
}

/** Sentences for the user; none in full precision. */
export function precisionNotes(setting: Setting): string[] {
  const low = lowPrecisionOf(setting);
  if (!low) return [];
  const { input, recipe } = setting;
  const { precision, parts, plain } = low;
  const { parameters } = describeModule((ops, images) => plain(ops, images!), [input]);
  const kernels = parameters.filter(({ shape }) => shape.length > 1);
  const notes: string[] = [];
  if (precision.weights < 32)
    notes.push(
      `The student’s kernels have ${levelsOfWeights(precision)} levels each (${parts.kernels.length} of ${kernels.length} layers); what is trained stays in full precision.`,
    );
  if (precision.exempt && parts.kernels.length === kernels.length)
    notes.push(
      `${recipe.student.network} has nothing but a first and a last layer, so these are rounded, too.`,
    );
  const lost = parameters.filter((spec) => parts.kernels.includes(spec.name) && startsAtZero(spec, low));
  if (lost.length > 0 && recipe.student.start === 'drawn')
    notes.push(
      `All weights of a layer are 0 at ${precision.weights} bits (${lost[0]!.name.replace(/\.weight$/, '')}${lost.length > 1 ? ` and ${lost.length - 1} more` : ''}), and nothing passes. Choose the scaled quantiser, DoReFa, or more bits.`,
    );
  const isNormalised = parameters.some(({ kind }) => kind === 'statistic');
  if (parts.activations.length > 0 && !isNormalised)
    notes.push(
      `${recipe.student.network} has no batch norm, so activations may leave the range from 0 to 1 in which they are rounded.`,
    );
  const hot = recipe.hints.find(
    ({ knobs: { temperature } }) => typeof temperature === 'number' && temperature > 2,
  );
  if (hot)
    notes.push(
      `At temperature ${hot.knobs.temperature} a student in low precision may learn less: the authors found soft targets at temperature 1 better.`,
    );
  if (recipe.weighting.id === 'hint-dynamic' && recipe.hints.length > 0)
    notes.push(
      'HKD asks what a very small change of the weights does, and rounding swallows most of such changes: its weights are noisier here.',
    );
  return notes;
}

/** Whether plain WRPN rounds every first value to 0: they are below half a step. Normal ones are below three deviations. */
function startsAtZero({ init }: ParameterSpec, { precision }: LowPrecision): boolean {
  if (precision.rule !== 'wrpn') return false;
  const half = 0.5 / stepsOfWeights(precision.weights);
  switch (init.kind) {
    case 'constant':
      return Math.abs(init.value) <= half;
    case 'torch-default':
      return 1 / Math.sqrt(init.fanIn) <= half;
    case 'he-fan-out':
      return 3 * Math.sqrt(2 / init.fanOut) <= half;
    case 'normal':
      return 3 * init.deviation <= half;
  }
}
