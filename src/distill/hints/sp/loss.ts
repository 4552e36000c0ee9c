import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import type { Trace } from '../../../nn/network';
import type { HintFactory } from '../hint';
import type { spKnobs } from './about';
import { relationView } from '../method-views';
import { inSpace } from '../vectors';

/** Row-normalised similarities of a batch: [B,...] -> [B,B]. */
export function similarities(features: Tensor): Tensor2D {
  return tf.tidy(() => {
    const flat = tf.reshape(features, [features.shape[0]!, -1]) as Tensor2D;
    const gram = tf.matMul(flat, flat, false, true);
    return tf.div(gram, tf.sqrt(tf.maximum(tf.sum(tf.square(gram), -1, true), 1e-24)));
  });
}

/**
 * Row sums of the squared difference of similarities, over B: the mean over rows is ||G_t - G_s||_F^2 / B^2.
 * @returns [B]. Source: Tung and Mori 2019; equals RepDistiller and mdistiller.
 */
export function spLosses(student: Tensor, teacher: Tensor): Tensor1D {
  return tf.mean(tf.squaredDifference(similarities(teacher), similarities(student)), -1);
}

export const createSp: HintFactory<typeof spKnobs> = ({ pair, knobs }) => {
  const features = (trace: Trace) => inSpace(knobs, trace, ({ stages }) => stages.at(-1)!);
  const byLogits = knobs.space === 'logits';
  return {
    module: null,
    parts: byLogits ? ['logits'] : [`stages/${pair.teacher.stages.length - 1}`],
    losses: (student, teacher) => spLosses(features(student), features(teacher)),
    view: (student, teacher) =>
      relationView(features(student), features(teacher), byLogits ? 'Logits' : 'Last stage', similarities),
    dispose: () => undefined,
  };
};
