import type { LiveTensor } from '../../engine/capture/capture';
import type { tf, Tensor, Tensor1D, Tensor2D } from '../../engine/tf';
import type { NamedArray, NamedSlots } from '../../nn/layouts';
import type { OptimiserState } from '../../nn/optimisers';
import type { RandomStream } from '../../random/streams';
import type { Task } from '../tasks/task';
import type { ResolvedRecipe } from '../hints/weights';

/** What a weighting may look at, all constants: one batch at the student's present parameters. */
export interface Instances {
  /** [B] int32, row of each image in the student's pool */
  rows: Tensor1D;
  /** [B,C]; zeros for an image without a label */
  targets: Tensor2D;
  /** [B]; zeros for an image without a label */
  taskLosses: Tensor1D;
  /** [B,H], after auto-balance */
  hints: Tensor2D;
  /** [B,C] logits */
  student: Tensor;
  /** [B,C] logits, as the student is shown them */
  teacher: Tensor;
  /** Progress of the run, 0..1 */
  progress: tf.Scalar;
}

export interface Weighed {
  /** [B,H] or [1,H] */
  weights: Tensor2D;
  /** [B,H] spread of each weight over its history, for weightings that keep one. */
  spreads?: Tensor2D;
}

/** The student's step as the meta step sees it. Parameter sets are keyed by variable name. */
export interface BilevelProblem {
  /** The trained parameters theta that J may depend on. */
  parameters: ReadonlyMap<string, Tensor>;
  /** The batch as it looks at theta; `weigh` will be shown the same in this step. */
  instances: Instances;
  /**
   * Gradient of L(theta; w) by theta, null where L does not depend on a parameter.
   * @param weights [B,H] w, held constant
   */
  lossGradients(weights: Tensor2D): ReadonlyMap<string, Tensor | null>;
  /** J = mean cross-entropy of a meta batch at the given parameters, and its gradient. */
  metaGradients(at: ReadonlyMap<string, Tensor>): {
    loss: tf.Scalar;
    gradients: ReadonlyMap<string, Tensor | null>;
  };
  /** J alone, without a gradient. */
  metaLoss(at: ReadonlyMap<string, Tensor>): tf.Scalar;
  /** Hint losses [B,H] of the same training batch at the given parameters. Nothing else may change by it. */
  hintLosses(at: ReadonlyMap<string, Tensor>): Tensor2D;
  /** How the virtual step moves: SGD's own numbers, or a plain step for other optimisers. */
  step: {
    rate: tf.Scalar;
    momentum: number;
    nesterov: boolean;
    weightDecay: number;
    velocity: (name: string) => Tensor | null;
  };
}

/** Named numbers for the charts; names hold a "/" so that the page shows them among the probes. */
export type Probes = Record<string, tf.Scalar>;

/**
 * Sets the hints' weights. All methods run inside the caller's tidy: what they return is the caller's, what they keep
 * they own.
 */
export interface Weighting {
  /** Whether the hints' losses are to be divided by their running means first. */
  readonly autoBalance: boolean;
  /** Number of trained parameters of its own. */
  readonly parameters: number;
  /** What it writes between steps (see `prepare`); complete after the first `prepare`. */
  readonly inputs: LiveTensor[];
  /**
   * Writes what differs from step to step; call before a step, or a look at the watched set.
   * @param learns whether `learn` will be called in this step
   */
  prepare(progress: number, learns: boolean): void;
  /** Weights for one batch. `remember` is false when the watched set or a probe asks. */
  weigh(instances: Instances, remember: boolean): Weighed;
  /** Whether `learn` wants to run before this step. */
  learnsAt(step: number, progress: number): boolean;
  /** The meta step; leaves the student as it was. */
  learn(problem: BilevelProblem): Probes;
  /** As it stands, for a weighting that goes on elsewhere. */
  leaves?(): Promise<LeavingWeighting>;
  /** Everything learned or remembered, as numbers. */
  state(): Promise<WeightingState>;
  restore(state: WeightingState): void;
  dispose(): void;
}

/** By PyTorch's names and in its layouts. */
export interface LeavingWeighting {
  /** What it trains. */
  values: NamedArray[];
  /** What it remembers of each instance, [N,...]. */
  remembered: NamedArray[];
  slots: NamedSlots;
}

export interface WeightingState {
  variables: Float32Array[];
  optimiser: OptimiserState | null;
}

export interface WeightingSetup {
  /** The recipe as it stands now: live knobs are read from it at each call. */
  recipe: () => ResolvedRecipe;
  hints: number;
  task: Task;
  /** Images in the student's pool: rows of histories. */
  pool: number;
  random: RandomStream;
  /** Unique prefix for variable names. */
  scope: string;
}
export type WeightingFactory = (setup: WeightingSetup) => Weighting;
