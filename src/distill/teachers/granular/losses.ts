/** Losses of the self-analysing heads, and the target they add up to. */
import { temperatureKl } from '../../../engine/loss-ops';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import { crossEntropies } from '../../objective';
import type { Granular } from './heads';

/** Narrow code and low temperature belong together, wide code and high temperature too. */
export type Temperatures = Granular<number>;

/**
 * What each head learns, per instance: T^2 * KL(softmax(own / T) || softmax(head / T)) + CE(head, label).
 * @param heads [B,C] per granularity, differentiable
 * @param own [B,C] the teacher's own logits, constant
 * @param oneHot [B,C]; a row of zeros counts the KL only
 * @returns [B] per granularity. Source: shaoeric/multi-granularity-distillation, train_teacher_wrapper.py.
 */
export function selfAnalysingLosses(
  heads: Granular<Tensor>,
  own: Tensor,
  oneHot: Tensor2D,
  temperatures: Temperatures,
): Granular<Tensor1D> {
  const loss = (granularity: keyof Granular<unknown>) =>
    tf.tidy(
      () =>
        tf.add(
          temperatureKl(heads[granularity], own, temperatures[granularity]),
          crossEntropies(heads[granularity], oneHot),
        ) as Tensor1D,
    );
  return { abstract: loss('abstract'), detailed: loss('detailed') };
}

/**
 * How far the student's codes are from the teacher's, per instance: the codes are treated like logits,
 * T^2 * KL(softmax(teacher / T) || softmax(student / T)) over the code's entries.
 * @param student [B,k] per granularity, differentiable
 * @param teacher [B,k] per granularity, constant
 * @returns [B] per granularity. Source: shaoeric/multi-granularity-distillation, student.py.
 */
export function codeLosses(
  student: Granular<Tensor>,
  teacher: Granular<Tensor>,
  temperatures: Temperatures,
): Granular<Tensor1D> {
  return {
    abstract: temperatureKl(student.abstract, teacher.abstract, temperatures.abstract),
    detailed: temperatureKl(student.detailed, teacher.detailed, temperatures.detailed),
  };
}

/**
 * Stable excitation: the target is the mean of the teacher's three logit sets, [B,C].
 * Source: shaoeric/multi-granularity-distillation, student_stable.py.
 */
export function stableExcitation(own: Tensor, heads: Granular<Tensor>): Tensor {
  return tf.tidy(() => tf.div(tf.add(tf.add(own, heads.abstract), heads.detailed), 3));
}
