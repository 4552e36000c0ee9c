import { tf, type Tensor, type Tensor1D } from '../../../engine/tf';

/** The factor on the sum of elements in the authors' code. */
const scale = 0.003;

/**
 * Per element: how far the student is from being on the teacher's side of zero with a margin to spare, squared.
 * (s + m)^2 where the teacher is silent (t <= 0) and s > -m; (s - m)^2 where it fires (t > 0) and s <= m; else 0.
 * @param student values before the ReLU, differentiable @param teacher the same shape, constant
 */
function boundaryTerms(student: Tensor, teacher: Tensor, margin: number): Tensor {
  const fires = tf.step(teacher);
  // Beyond the margin both terms are flat, so a ReLU says the same as the conditions, without comparisons.
  const silent = tf.square(tf.relu(tf.add(student, margin)));
  const firing = tf.square(tf.relu(tf.sub(margin, student)));
  return tf.add(tf.mul(silent, tf.sub(1, fires)), tf.mul(firing, fires));
}

/**
 * One stage of activation boundaries, sum over places and channels, times 0.003; [B].
 * Source: Heo et al. 2019; equals the authors' code and RepDistiller (there times 2^(i-n+1) for stage i of n).
 */
export function abStageLosses(student: Tensor, teacher: Tensor, margin: number): Tensor1D {
  return tf.tidy(() => tf.mul(tf.sum(boundaryTerms(student, teacher, margin), axesOf(student)), scale));
}

/** The same as a mean over places and channels, without the factor; [B]. Source: Knowledge-Distillation-Zoo. */
export function abStageMeans(student: Tensor, teacher: Tensor, margin: number): Tensor1D {
  return tf.tidy(() => tf.mean(boundaryTerms(student, teacher, margin), axesOf(student)));
}

/** Weight of stage i of n: the last counts fully, each one before it half as much. */
export function stageWeight(i: number, n: number): number {
  return 2 ** (i - n + 1);
}

/** Share of values whose sign is the teacher's: the number that the method is after. Scalar, not for gradients. */
export function matchingSigns(student: Tensor, teacher: Tensor): tf.Scalar {
  return tf.tidy(() => tf.sub(1, tf.mean(tf.abs(tf.sub(tf.step(student), tf.step(teacher))))));
}

const axesOf = ({ rank }: Tensor) => Array.from({ length: rank - 1 }, (_, i) => i + 1);
