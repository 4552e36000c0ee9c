import { meanSquaredDifference } from '../../../engine/loss-ops';
import type { Tensor, Tensor1D, Tensor4D } from '../../../engine/tf';
import { describeModule } from '../../../nn/describe';
import { Module } from '../../../nn/module';
import type { TraceOf } from '../../../engine/ops';
import type { Trace } from '../../../nn/network';
import type { Hint, HintContext, HintFactory } from '../hint';
import type { fitnetKnobs } from './about';
import { activityPanels } from '../method-views';
import { prepareStudent, withoutPull } from '../prelude';
import { matchSides } from '../resample';
import { regress, regressorGeometry } from './regressor';

/**
 * Mean over places and channels of (regressed - teacher)^2.
 * @param regressed [B,H,W,C], differentiable
 * @param teacher [B,H,W,C], constant
 * @returns [B]; its mean equals RepDistiller's HintLoss.
 */
export function hintLosses(regressed: Tensor, teacher: Tensor): Tensor1D {
  return meanSquaredDifference(regressed, teacher);
}

/** The map a hint layer number stands for: 0 is the stem, 1..n the stages, more means the last. */
export function hintLayerOf<T>(trace: TraceOf<T>, layer: number): T {
  if (layer === 0) return trace.stem;
  return trace.stages[Math.min(layer, trace.stages.length) - 1]!;
}

/** FitNet with the regressor of the benchmark code: convolution with bias, batch norm, ReLU. */
export const createFitnet: HintFactory<typeof fitnetKnobs> = ({ pair, knobs, random, scope }) => {
  const layer = knobs.hintLayer;
  const from = layerShape(pair.student, layer);
  const to = layerShape(pair.teacher, layer);
  const geometry = regressorGeometry(from[0]!, to[0]!);
  const { parameters } = describeModule((ops, map) => regress(ops, map!, geometry, to[2]!), [from]);
  const module = Module.create(parameters, random, scope);
  /** The student's map through the regressor and the teacher's, in one size. */
  const matched = (student: Trace, teacher: Trace, { training, observed }: HintContext) => {
    const ops = module.ops({ training, ...(observed ? { observed } : {}) });
    const regressed = regress(ops, hintLayerOf(student, layer), geometry, to[2]!) as Tensor4D;
    return matchSides(regressed, hintLayerOf(teacher, layer) as Tensor4D);
  };
  const losses: Hint['losses'] = (student, teacher, context) =>
    hintLosses(...matched(student, teacher, context));
  return {
    module,
    parts: [layer === 0 ? 'stem' : `stages/${Math.min(layer, pair.teacher.stages.length) - 1}`],
    losses: (student, teacher, context) =>
      knobs.stages === 'two'
        ? withoutPull(student, context, () => losses(student, teacher, context))
        : losses(student, teacher, context),
    prelude: prepareStudent(
      'The student’s layers up to the hint learn the teacher’s map, before it learns the task.',
      module,
      losses,
    ),
    view: (student, teacher, context) => ({
      line: 'Bright is where the hint layer is active for this image: the teacher’s, and what the regressor makes of the student’s.',
      panels: activityPanels('Hint layer', ...matched(student, teacher, context)),
    }),
    dispose: () => module.dispose(),
  };
};

function layerShape(
  shapes: { stem: readonly number[]; stages: readonly (readonly number[])[] },
  layer: number,
) {
  return layer === 0 ? shapes.stem : shapes.stages[Math.min(layer, shapes.stages.length) - 1]!;
}
