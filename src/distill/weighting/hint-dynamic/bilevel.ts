/**
 * The hypergradient of HKD: how the meta loss after the student's next step depends on each weight of each image.
 * One first-order gradient at the virtual step and two forward passes give all B*H numbers at once (a central
 * difference along the meta gradient); there is no gradient through a gradient. Our reconstruction.
 */
import { tf, type Tensor, type Tensor2D } from '../../../engine/tf';
import type { BilevelProblem } from '../weighting';

export interface Hypergradients {
  /** [B,H] dJ/dw_ih with the factor -(rate/B) in it */
  values: Tensor2D;
  /** J at the virtual step */
  metaLoss: tf.Scalar;
  /** ||v||_2 of the meta gradient */
  norm: tf.Scalar;
  /** The probe's length along v: delta / ||v|| */
  eps: tf.Scalar;
  /** theta' */
  virtual: ReadonlyMap<string, Tensor>;
  /** v = dJ/dtheta', null where J does not depend on a parameter */
  direction: ReadonlyMap<string, Tensor | null>;
  /** rate/B (times 1+momentum under Nesterov) */
  factor: tf.Scalar;
  /** [B,H] the same without the factor: of convenient size, and what Adam is to see */
  unscaled: Tensor2D;
}

/** theta' = theta - rate * (momentum*velocity + g + weightDecay*theta), nothing stored in the optimiser. */
export function virtualStep(
  parameters: ReadonlyMap<string, Tensor>,
  gradients: ReadonlyMap<string, Tensor | null>,
  { rate, momentum, nesterov, weightDecay, velocity }: BilevelProblem['step'],
): Map<string, Tensor> {
  const virtual = new Map<string, Tensor>();
  for (const [name, theta] of parameters) {
    const gradient = gradients.get(name) ?? tf.zerosLike(theta);
    const decayed = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(theta, weightDecay));
    const old = momentum === 0 ? null : velocity(name);
    const moving = old ? tf.add(tf.mul(old, momentum), decayed) : decayed;
    const update = nesterov ? tf.add(decayed, tf.mul(moving, momentum)) : moving;
    virtual.set(name, tf.sub(theta, tf.mul(update, rate)));
  }
  return virtual;
}

/**
 * Runs inside the caller's tidy.
 * @param gradients of L(theta; w) by theta
 * @param delta length of the probe relative to ||v||; 1e-2 is safe in float32
 * Where ||v|| < 1e-8 or a value is not finite, the hypergradient is 0: no lesson to be had.
 */
export function hypergradients(
  problem: Pick<BilevelProblem, 'parameters' | 'metaGradients' | 'hintLosses' | 'step'>,
  gradients: ReadonlyMap<string, Tensor | null>,
  delta: number,
): Hypergradients {
  const virtual = virtualStep(problem.parameters, gradients, problem.step);
  const { loss: metaLoss, gradients: direction } = problem.metaGradients(virtual);
  const squares = [...direction.values()].flatMap((v) => (v ? [tf.sum(tf.square(v))] : []));
  // Not addN: on WebGPU it binds one buffer per input, and a network has more parameters than a stage has bindings.
  const norm = tf.sqrt(tf.sum(tf.stack(squares)));
  const eps = tf.div(delta, tf.add(norm, 1e-12));

  const moved = (sign: number): Tensor2D => {
    const at = new Map<string, Tensor>();
    for (const [name, theta] of problem.parameters) {
      const v = direction.get(name);
      if (v) at.set(name, tf.add(theta, tf.mul(v, tf.mul(eps, sign))));
    }
    return problem.hintLosses(at);
  };
  const difference = tf.sub(moved(1), moved(-1));
  const slopes = tf.div(difference, tf.mul(eps, 2)) as Tensor2D;
  const batch = slopes.shape[0];
  const { rate, momentum, nesterov } = problem.step;
  const factor = tf.mul(rate, (nesterov ? 1 + momentum : 1) / batch) as tf.Scalar;
  const usable = tf.logicalAnd(tf.isFinite(slopes), tf.greater(norm, 1e-8));
  const unscaled = tf.where(usable, tf.neg(slopes), tf.zerosLike(slopes)) as Tensor2D;
  const values = tf.mul(unscaled, factor) as Tensor2D;
  return {
    values,
    unscaled,
    metaLoss,
    norm: norm as tf.Scalar,
    eps: eps as tf.Scalar,
    virtual,
    direction,
    factor,
  };
}
