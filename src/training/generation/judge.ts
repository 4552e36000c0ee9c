/** What the teacher says of pictures that a generator makes. */
import { rotateUpperHalf } from '../../distill/teachers/corruption';
import type { ImageNormalisation } from '../../distill/modalities/image/image-source';
import type { Normalisation } from '../../distill/modalities/input-source';
import { tf, type Tensor } from '../../engine/tf';
import type { Teacher } from '../teachers/teacher';

export interface Judge {
  /**
   * Of pictures [B,H,W,C] of values 0..1, constants in the caller's tidy: the features [B,D] that densities are compared
   * on, and the outputs [B,C] as the student would be shown them.
   */
  (pictures: Tensor): { features: Tensor; outputs: Tensor };
}

/** @param hasEmbedding whether the teacher shows more than its outputs */
export function judgeOf(
  teacher: Teacher,
  normalisation: Normalisation,
  { hasEmbedding, isRotated }: { hasEmbedding: boolean; isRotated: boolean },
): Judge {
  const { mean, deviation } = normalisation as ImageNormalisation;
  return (pictures) => {
    const { logits, embedding } = teacher.trace(tf.div(tf.sub(pictures, mean), deviation), false);
    return {
      features: hasEmbedding ? embedding : logits,
      outputs: isRotated ? rotateUpperHalf(logits) : logits,
    };
  };
}
