/**
 * The hypergradient of HKD: how the meta loss after the student's next step depends on each weight of each image.
 * One first-order gradient at the virtual step and two forward passes give all B*H numbers at once (a central
 * difference along the meta gradient); there is no gradient through a gradient. Our reconstruction.
 */
import { hasInstanceWeights, probeSlopes } from '../../../engine/instance-weights';
import { hasLists, lengthAndProbe, pointsAlong, stepsOf } from '../../../engine/parameter-lists';
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
  /** [B,H] the same without rate/B (times 1+momentum under Nesterov): of convenient size, and what Adam is to see */
  unscaled: Tensor2D;
}

/** theta' = theta - rate * (momentum*velocity + g + weightDecay*theta), nothing stored in the optimiser. */
export function virtualStep(
  parameters: ReadonlyMap<string, Tensor>,
  gradients: ReadonlyMap<string, Tensor | null>,
  { velocity, rate, ...rule }: BilevelProblem['step'],
): Map<string, Tensor> {
  const { momentum, nesterov, weightDecay } = rule;
  const named = [...parameters].map(([name, theta]) => ({
    name,
    theta,
    gradient: gradients.get(name) ?? tf.zerosLike(theta),
    velocity: momentum === 0 ? null : velocity(name),
  }));
  if (hasLists() && (named.every((one) => one.velocity) || named.every((one) => !one.velocity))) {
    const steps = stepsOf(named, rule, rate);
    return new Map(named.map(({ name }, n) => [name, steps[n]!]));
  }
  const next = named.map(({ name, theta, gradient, velocity: old }) => {
    const decayed = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(theta, weightDecay));
    const moving = old ? tf.add(tf.mul(old, momentum), decayed) : decayed;
    const update = nesterov ? tf.add(decayed, tf.mul(moving, momentum)) : moving;
    return [name, tf.sub(theta, tf.mul(update, rate))] as const;
  });
  return new Map(next);
}

/** Length of v over all parameters, and the probe's length along it: delta / ||v||. */
function lengthOf(direction: readonly Tensor[], delta: number): { norm: tf.Scalar; eps: tf.Scalar } {
  if (hasLists()) return lengthAndProbe(direction, delta);
  // Not addN: some backends bind one buffer per input, and a network has more parameters than a stage has bindings.
  const norm = tf.sqrt<tf.Scalar>(tf.sum(tf.stack(direction.map((v) => tf.sum(tf.square(v))))));
  return { norm, eps: tf.div(delta, tf.add(norm, 1e-12)) };
}

/** theta + eps*v and theta - eps*v, for the parameters that v has. */
function probes(
  parameters: ReadonlyMap<string, Tensor>,
  direction: ReadonlyMap<string, Tensor | null>,
  eps: tf.Scalar,
): [ahead: Map<string, Tensor>, behind: Map<string, Tensor>] {
  const moved = [...parameters].flatMap(([name, theta]) => {
    const v = direction.get(name);
    return v ? [{ name, pair: [theta, v] as const }] : [];
  });
  const points = hasLists()
    ? pointsAlong(
        moved.map(({ pair }) => pair),
        eps,
      )
    : moved.map(({ pair: [theta, v] }) => {
        const shift = tf.mul(v, eps);
        return [tf.add(theta, shift), tf.sub(theta, shift)] as const;
      });
  return [
    new Map(moved.map(({ name }, n) => [name, points[n]![0]])),
    new Map(moved.map(({ name }, n) => [name, points[n]![1]])),
  ];
}

/** Minus the slope of each hint loss along the probe, with and without the factor: 0 where the probe is invalid. */
function slopesAlong(probe: Parameters<typeof probeSlopes>[0]): { values: Tensor2D; unscaled: Tensor2D } {
  if (hasInstanceWeights()) return probeSlopes(probe);
  const { ahead, behind, norm, eps, rate, factor } = probe;
  const slopes = tf.div<Tensor2D>(tf.sub(ahead, behind), tf.mul(eps, 2));
  const usable = tf.logicalAnd(tf.isFinite(slopes), tf.greater(norm, 1e-8));
  const unscaled = tf.where(usable, tf.neg(slopes), tf.zerosLike(slopes)) as Tensor2D;
  return { values: tf.mul(unscaled, tf.mul(rate, factor)), unscaled };
}

/**
 * Runs inside the caller's tidy.
 * @param gradients of L(theta; w) by theta
 * @param delta length of the probe in the space of parameters; 1e-3 is safe in float32 (see the knob)
 * Where ||v|| < 1e-8 or a value is not finite, the hypergradient is 0 and the meta network does not change.
 */
export function hypergradients(
  problem: Pick<BilevelProblem, 'parameters' | 'metaGradients' | 'hintLosses' | 'step'>,
  gradients: ReadonlyMap<string, Tensor | null>,
  delta: number,
): Hypergradients {
  const virtual = virtualStep(problem.parameters, gradients, problem.step);
  const { loss: metaLoss, gradients: direction } = problem.metaGradients(virtual);
  const { norm, eps } = lengthOf(
    [...direction.values()].filter((v) => v !== null),
    delta,
  );
  const [ahead, behind] = probes(problem.parameters, direction, eps).map((at) => problem.hintLosses(at)) as [
    Tensor2D,
    Tensor2D,
  ];
  const { rate, momentum, nesterov } = problem.step;
  const factor = (nesterov ? 1 + momentum : 1) / ahead.shape[0];
  const { values, unscaled } = slopesAlong({ ahead, behind, norm, eps, rate, factor });
  return {
    values,
    unscaled,
    metaLoss,
    norm,
    eps,
    virtual,
    direction,
  };
}
