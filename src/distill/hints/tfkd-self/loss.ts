import { temperatureKl } from '../../../engine/loss-ops';
import { tf, type Tensor, type Tensor1D } from '../../../engine/tf';
import type { HintFactory } from '../hint';
import type { tfkdSelfKnobs } from './about';
import { softenedView } from '../method-views';

/**
 * Teacher-free KD with a trained copy of the student as teacher: multiplier * T^2 * mean over classes of the terms of
 * KL(teacher || student) at T. The mean over classes makes it C times smaller than soft targets; the multiplier makes up
 * for that.
 * @param student [B,C], differentiable @param teacher [B,C], constant
 * @returns [B]. Source: Yuan et al. 2020, the authors' code (there times alpha, which is the hint's weight here).
 */
export function tfkdSelfLosses(
  student: Tensor,
  teacher: Tensor,
  { temperature, multiplier }: { temperature: number; multiplier: number },
): Tensor1D {
  return tf.tidy(() => tf.mul(temperatureKl(student, teacher, temperature), multiplier / student.shape[1]!));
}

export const createTfkdSelf: HintFactory<typeof tfkdSelfKnobs> = () => ({
  module: null,
  losses: (student, teacher, { knobs }) => tfkdSelfLosses(student.logits, teacher.logits, knobs),
  view: (student, teacher, { knobs }) => softenedView(student.logits, teacher.logits, knobs.temperature),
  dispose: () => undefined,
});
