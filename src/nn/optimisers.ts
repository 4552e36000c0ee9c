/**
 * Optimisers with PyTorch's semantics over a fixed list of variables. All state is created in the constructor, so
 * that every step is the same list of ops. The learning rate is an argument of each step; other hyperparameters can
 * be changed between steps through `options`.
 */
import { canUpdateInPlace, updateInPlace, type Update } from '../engine/in-place';
import { tf } from '../engine/tf';

/** The state of an optimiser in a checkpoint. */
export interface OptimiserState {
  steps: number;
  /** Per kind of state ("velocity"; "first", "second") one array per variable, in the variables' order. */
  slots: Record<string, Float32Array[]>;
}

export interface Optimiser {
  /**
   * Updates the variables in place.
   * @param gradients one per variable, in order; a variable with a null gradient is unchanged, as in PyTorch. The
   *   caller keeps them.
   */
  step(gradients: readonly (tf.Tensor | null)[], learningRate: number): void;
  /**
   * First half of a step that is recorded once and replayed: counts the step and returns its hyperparameters, to be
   * written into the tensor with which `apply` was recorded.
   */
  advance(learningRate: number): number[];
  /** Number of values that `advance` returns. */
  readonly hyperparameters: number;
  /** Second half: updates the variables in place. Only where `canUpdateInPlace` (engine/in-place.ts). */
  apply(gradients: readonly (tf.Tensor | null)[], hyperparameters: tf.Tensor1D): void;
  state(): Promise<OptimiserState>;
  /** @throws Error when the state belongs to other variables */
  restore(state: OptimiserState): void;
  /** Resets the state to that before the first step. */
  reset(): void;
  dispose(): void;
}

export interface SgdOptions {
  momentum: number;
  nesterov: boolean;
  weightDecay: number;
}

let created = 0;

/** One zero variable per variable, under a unique name. */
class Slots {
  readonly variables: tf.Variable[];

  constructor(kind: string, of: readonly tf.Variable[]) {
    const prefix = `${kind}#${++created}`;
    this.variables = of.map(({ shape }, i) =>
      tf.tidy(() => tf.variable(tf.zeros(shape), false, `${prefix}/${i}`)),
    );
  }

  async read(): Promise<Float32Array[]> {
    return Promise.all(this.variables.map(async (slot) => (await slot.data()) as Float32Array));
  }

  write(values: readonly Float32Array[] | undefined): void {
    if (
      values?.length !== this.variables.length ||
      this.variables.some((slot, i) => slot.size !== values[i]!.length)
    )
      throw new Error('The saved optimiser state belongs to another network.');
    this.variables.forEach((slot, i) => tf.tidy(() => slot.assign(tf.tensor(values[i]!, slot.shape))));
  }

  clear(): void {
    for (const slot of this.variables) tf.tidy(() => slot.assign(tf.zeros(slot.shape)));
  }

  dispose(): void {
    for (const slot of this.variables) slot.dispose();
  }
}

/**
 * Stochastic gradient descent: g = gradient + weightDecay * p, v = momentum * v + g, p -= rate * v
 * (Nesterov: p -= rate * (g + momentum * v)).
 */
export class Sgd implements Optimiser {
  readonly hyperparameters = 4;
  options: SgdOptions;
  private readonly variables: readonly tf.Variable[];
  private readonly velocities: Slots;
  private steps = 0;

  constructor(variables: readonly tf.Variable[], options: SgdOptions) {
    this.variables = variables;
    this.options = options;
    this.velocities = new Slots('velocity', variables);
  }

  step(gradients: readonly (tf.Tensor | null)[], learningRate: number): void {
    if (canUpdateInPlace()) {
      tf.tidy(() => this.apply(gradients, tf.tensor1d(this.advance(learningRate))));
      return;
    }
    const { momentum, nesterov, weightDecay } = this.options;
    this.steps++;
    this.variables.forEach((variable, i) => {
      const gradient = gradients[i];
      if (!gradient) return;
      tf.tidy(() => {
        const decayed = withDecay(gradient, variable, weightDecay);
        let direction = decayed;
        if (momentum > 0) {
          const velocity = this.velocities.variables[i]!;
          const next = tf.add(tf.mul(velocity, momentum), decayed);
          velocity.assign(next);
          direction = nesterov ? tf.add(decayed, tf.mul(next, momentum)) : next;
        }
        variable.assign(tf.sub(variable, tf.mul(direction, learningRate)));
      });
    });
  }

  advance(learningRate: number): number[] {
    const { momentum, nesterov, weightDecay } = this.options;
    this.steps++;
    return [learningRate, momentum, Number(nesterov), weightDecay];
  }

  apply(gradients: readonly (tf.Tensor | null)[], hyperparameters: tf.Tensor1D): void {
    updateInPlace('sgd', updatesOf(this.variables, gradients, [this.velocities]), hyperparameters);
  }

  /** Momentum buffer of a variable, in its shape; owned by the optimiser. */
  velocity(variable: tf.Variable): tf.Variable {
    const slot = this.velocities.variables[this.variables.indexOf(variable)];
    if (!slot) throw new Error(`${variable.name} is not trained by this optimiser`);
    return slot;
  }

  async state(): Promise<OptimiserState> {
    return { steps: this.steps, slots: { velocity: await this.velocities.read() } };
  }

  restore({ steps, slots }: OptimiserState): void {
    this.velocities.write(slots['velocity']);
    this.steps = steps;
  }

  reset(): void {
    this.velocities.clear();
    this.steps = 0;
  }

  dispose(): void {
    this.velocities.dispose();
  }
}

export interface AdamOptions {
  /** Added to the gradient unless it is decoupled. */
  weightDecay: number;
  /** AdamW (Loshchilov and Hutter 2019): weights shrink by rate * weightDecay, independent of the moments. */
  decoupled?: boolean;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
}

/** Adam (Kingma and Ba 2015) as in PyTorch: epsilon is added after the bias correction of the second moment. */
export class Adam implements Optimiser {
  readonly hyperparameters = 8;
  options: AdamOptions;
  private readonly variables: readonly tf.Variable[];
  private readonly first: Slots;
  private readonly second: Slots;
  private steps = 0;

  constructor(variables: readonly tf.Variable[], options: AdamOptions) {
    this.variables = variables;
    this.options = options;
    this.first = new Slots('adam-first', variables);
    this.second = new Slots('adam-second', variables);
  }

  step(gradients: readonly (tf.Tensor | null)[], learningRate: number): void {
    if (canUpdateInPlace()) {
      tf.tidy(() => this.apply(gradients, tf.tensor1d(this.advance(learningRate))));
      return;
    }
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = this.options;
    const { added, shrinking } = this.decay(learningRate);
    this.steps++;
    const rate = learningRate / (1 - beta1 ** this.steps);
    const correction = Math.sqrt(1 - beta2 ** this.steps);
    this.variables.forEach((variable, i) => {
      const gradient = gradients[i];
      if (!gradient) return;
      const first = this.first.variables[i]!;
      const second = this.second.variables[i]!;
      tf.tidy(() => {
        const decayed = withDecay(gradient, variable, added);
        const mean = tf.add(tf.mul(first, beta1), tf.mul(decayed, 1 - beta1));
        const square = tf.add(tf.mul(second, beta2), tf.mul(tf.square(decayed), 1 - beta2));
        first.assign(mean);
        second.assign(square);
        // m / (sqrt(v) / correction + epsilon), with the correction moved out of the elementwise work.
        const ratio = tf.div(mean, tf.add(tf.sqrt(square), epsilon * correction));
        const change = withDecay(tf.mul(ratio, rate * correction), variable, shrinking);
        variable.assign(tf.sub(variable, change));
      });
    });
  }

  advance(learningRate: number): number[] {
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = this.options;
    const { added, shrinking } = this.decay(learningRate);
    this.steps++;
    const correction = Math.sqrt(1 - beta2 ** this.steps);
    const rate = (learningRate * correction) / (1 - beta1 ** this.steps);
    return [rate, beta1, beta2, epsilon * correction, added, shrinking, 1 - beta1, 1 - beta2];
  }

  /**
   * Weight decay: the factor added to the gradients and the factor by which weights shrink, each times the weights.
   */
  private decay(learningRate: number): { added: number; shrinking: number } {
    const { weightDecay, decoupled = false } = this.options;
    return decoupled
      ? { added: 0, shrinking: learningRate * weightDecay }
      : { added: weightDecay, shrinking: 0 };
  }

  apply(gradients: readonly (tf.Tensor | null)[], hyperparameters: tf.Tensor1D): void {
    updateInPlace('adam', updatesOf(this.variables, gradients, [this.first, this.second]), hyperparameters);
  }

  async state(): Promise<OptimiserState> {
    return { steps: this.steps, slots: { first: await this.first.read(), second: await this.second.read() } };
  }

  restore({ steps, slots }: OptimiserState): void {
    this.first.write(slots['first']);
    this.second.write(slots['second']);
    this.steps = steps;
  }

  reset(): void {
    this.first.clear();
    this.second.clear();
    this.steps = 0;
  }

  dispose(): void {
    this.first.dispose();
    this.second.dispose();
  }
}

/** The variables that have a gradient, with it. */
function updatesOf(
  variables: readonly tf.Variable[],
  gradients: readonly (tf.Tensor | null)[],
  kept: readonly Slots[],
): Update[] {
  return variables.flatMap((variable, i) => {
    const gradient = gradients[i];
    return gradient ? [{ variable, gradient, slots: kept.map((slots) => slots.variables[i]!) }] : [];
  });
}

function withDecay(gradient: tf.Tensor, variable: tf.Variable, weightDecay: number): tf.Tensor {
  return weightDecay > 0 ? tf.add(gradient, tf.mul(variable, weightDecay)) : gradient;
}
