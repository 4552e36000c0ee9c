import { divergenceTerms } from '../../../engine/divergence';
import { tf, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import type { HintFactory } from '../hint';
import type { pktKnobs } from './about';
import { relationView } from '../method-views';
import { vectorsIn } from '../vectors';

/** Of RepDistiller and mdistiller. */
const publishedEpsilon = 1e-7;

/** [B,D] -> [B,B] conditional neighbour probabilities from the cosine; epsilon is added to the norm, as in the code. */
function neighbourProbabilities(features: Tensor2D, epsilon: number): Tensor2D {
  const norm = tf.sqrt(tf.maximum(tf.sum(tf.square(features), -1, true), 1e-30));
  const unit = tf.div(features, tf.add(norm, epsilon)) as Tensor2D;
  const similarity = tf.div(tf.add(tf.matMul(unit, unit, false, true), 1), 2);
  return tf.div(similarity, tf.sum(similarity, -1, true));
}

/** Row means of P_t ln(P_t / P_s), [B]. Source: Passalis and Tefas 2018; equals RepDistiller and mdistiller. */
export function pktLosses(student: Tensor2D, teacher: Tensor2D, epsilon = publishedEpsilon): Tensor1D {
  return tf.tidy(() => {
    const [s, t] = [neighbourProbabilities(student, epsilon), neighbourProbabilities(teacher, epsilon)];
    const [logT, logS] = [tf.log(tf.add(t, epsilon)), tf.log(tf.add(s, epsilon))];
    // Rows of both add up to the same, so that what cancels in the sum of (P_t + epsilon) ln(P_t / P_s) can be left out.
    const added = tf.mul(tf.sub(logT, logS), epsilon);
    return tf.mean(tf.sub(divergenceTerms(logT, logS), added), -1);
  });
}

export const createPkt: HintFactory<typeof pktKnobs> = ({ knobs }) => {
  const vectors = vectorsIn(knobs);
  return {
    module: null,
    losses: (student, teacher) => pktLosses(vectors.of(student), vectors.of(teacher)),
    view: (student, teacher) => relationView(vectors.of(student), vectors.of(teacher), vectors.title),
    dispose: () => undefined,
  };
};
