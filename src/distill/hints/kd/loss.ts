import { temperatureKl } from '../../../engine/loss-ops';
import type { Tensor, Tensor1D } from '../../../engine/tf';
import type { HintFactory } from '../hint';
import type { kdKnobs } from './about';
import { softenedView } from '../method-views';

/**
 * T^2 * KL(softmax(teacher/T) || softmax(student/T)), summed over classes.
 * @param student logits [B,C], differentiable
 * @param teacher logits [B,C], constant
 * @returns [B]
 * Source: Hinton et al. 2015; equals RepDistiller's DistillKL and mdistiller's kd_loss.
 */
export function kdLosses(student: Tensor, teacher: Tensor, temperature: number): Tensor1D {
  return temperatureKl(student, teacher, temperature);
}

export const createKd: HintFactory<typeof kdKnobs> = () => ({
  module: null,
  losses: (student, teacher, { knobs }) => kdLosses(student.logits, teacher.logits, knobs.temperature),
  view: (student, teacher, { knobs }) => softenedView(student.logits, teacher.logits, knobs.temperature),
  dispose: () => undefined,
});
