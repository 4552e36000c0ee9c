import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import type { HintFactory } from '../hint';
import type { distKnobs } from './about';
import { softenedView } from '../method-views';

/** Pearson correlation along the last axis, [.,n] -> [.]; 1e-8 is added to the product of the norms, as in the authors' code. */
function correlation(a: Tensor, b: Tensor): Tensor1D {
  const centred = (x: Tensor) => tf.sub(x, tf.mean(x, -1, true));
  // Twice, since the rounding of a mean is not small beside 1e-8: equal numbers then give zeros.
  const [x, y] = [centred(centred(a)), centred(centred(b))];
  // The floor keeps the root's gradient finite for a row without spread.
  const norm = (v: Tensor) => tf.sqrt(tf.maximum(tf.sum(tf.square(v), -1), 1e-30));
  return tf.div(tf.sum(tf.mul(x, y), -1), tf.add(tf.mul(norm(x), norm(y)), 1e-8));
}

export interface DistParts {
  /** [B] 1 - correlation over classes */
  inter: Tensor1D;
  /** scalar: 1 - mean over classes of the correlation over the batch; the batch's, so every instance has the same */
  intra: tf.Scalar;
}

/** The two relations of DIST. Source: Huang et al. 2022, the authors' code. */
export function distParts(student: Tensor, teacher: Tensor, temperature: number): DistParts {
  return tf.tidy(() => {
    const probabilities = (logits: Tensor) => tf.softmax(tf.div(logits, temperature) as Tensor2D);
    const [s, t] = [probabilities(student), probabilities(teacher)];
    const inter = tf.sub(1, correlation(s, t));
    const intra = tf.sub(1, tf.mean(correlation(tf.transpose(s), tf.transpose(t))));
    return { inter, intra } as DistParts & Record<string, Tensor1D>;
  });
}

/** T^2 * (beta * inter + gamma * intra), [B]; the mean is the published loss. */
export function distLosses(
  student: Tensor,
  teacher: Tensor,
  { temperature, beta, gamma }: { temperature: number; beta: number; gamma: number },
): Tensor1D {
  return tf.tidy(() => {
    const { inter, intra } = distParts(student, teacher, temperature);
    return tf.mul(tf.add(tf.mul(inter, beta), tf.mul(intra, gamma)), temperature * temperature);
  });
}

export const createDist: HintFactory<typeof distKnobs> = () => ({
  module: null,
  losses: (student, teacher, { knobs }) =>
    distLosses(student.logits, teacher.logits, {
      temperature: knobs.temperature,
      beta: knobs.beta,
      gamma: knobs.gamma,
    }),
  view: (student, teacher, { knobs }) =>
    softenedView(
      student.logits,
      teacher.logits,
      knobs.temperature,
      'The loss asks for the same pattern and not for the same size: which bars are longer than which, for an instance and for a class across instances.',
    ),
  dispose: () => undefined,
});
