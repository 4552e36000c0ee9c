/** What hints that prepare the student have in common. */
import { constantOf } from '../../engine/constant';
import { tf, type Tensor1D } from '../../engine/tf';
import type { Module } from '../../nn/module';
import type { Trace } from '../../nn/network';
import type { Hint, HintContext, Prelude } from './hint';

/**
 * A first stage that trains the student's layers, as far as the loss reaches, with the hint's own modules at the
 * schedule's highest rate. (The classifier gets no gradient from maps, and so is left alone.)
 */
export function prepareStudent(text: string, module: Module | null, losses: Hint['losses']): Prelude {
  return {
    text,
    variables: (student) => [...student.values(), ...(module?.trainable.values() ?? [])],
    learningRate: (highest) => highest,
    losses: (student, teacher, context) => losses(student(), teacher, context),
  };
}

/** No pull on the student, [B] of zeros; the charts still see how its loss goes on. */
export function withoutPull(student: Trace, { probe }: HintContext, losses: () => Tensor1D): Tensor1D {
  probe?.(
    'without pull',
    constantOf(() => tf.mean(losses())),
  );
  return tf.zeros([student.logits.shape[0]!]);
}
