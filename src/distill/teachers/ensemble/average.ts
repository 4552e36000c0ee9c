import { tf, type Tensor, type Tensor2D } from '../../../engine/tf';

export type Average = 'logits' | 'probabilities';

/**
 * What an ensemble answers, as logits [B,C]: the mean of its members' logits, or the logarithm of the mean of their
 * probabilities.
 * @param members logits [B,C] each, constants
 */
export function averageAnswers(members: readonly Tensor[], average: Average): Tensor {
  return tf.tidy(() => {
    const mean = (parts: readonly Tensor[]) =>
      tf.div(
        parts.reduce((sum, part) => tf.add(sum, part)),
        parts.length,
      );
    if (average === 'logits') return mean(members);
    const probabilities = mean(members.map((logits) => tf.softmax(logits as Tensor2D)));
    // A class that no member gives any probability would have the logarithm of zero.
    return tf.log(tf.maximum(probabilities, 1e-12));
  });
}
