import type { LiveTensor } from '../../engine/capture/capture';
import type { tf, Tensor, Tensor1D, Tensor2D } from '../../engine/tf';
import type { DrivenOptimiser } from '../../nn/driven-optimiser';
import type { NamedSlots } from '../../nn/layouts';
import type { Module, NamedArray, Observed } from '../../nn/module';
import type { Network, Trace } from '../../nn/network';
import type { RandomStream } from '../../random/streams';
import type { PairFacts } from '../about';
import type { Knobs, ValuesOf } from '../knobs';
import type { InputRange } from '../modalities/input-source';
import type { MethodViewPanel } from '../views';

/** How a hint's loss is to be computed this time. All tensors are the caller's. */
export interface HintContext<K extends Knobs = Knobs> {
  /** Current values of the hint's knobs; live ones may have changed since the last call. */
  knobs: ValuesOf<K>;
  /** [B,H,W,C] the images behind the student's trace, normalised. */
  inputs: Tensor;
  /** The same images as the teacher sees them; `inputs` itself where both see the same view. */
  teacherInputs: Tensor;
  /** The student as it is computed in this pass, for what is explained by it and not trained; none of it is differentiated. */
  own: StudentAccess;
  /** [B,C] labels as the student has them; zeros without a label. */
  targets: Tensor2D;
  /** [B] int32, row of each image in the student's pool. */
  rows: Tensor1D;
  /** Progress of the run, 0..1; a tensor, since a recorded step would hold a number for ever. */
  progress: tf.Scalar;
  /** Batch statistics in the regressor's batch norm (training) or its running ones (evaluation). */
  training: boolean;
  /** Collects the regressor's batch statistics; left out where moving averages must not move. */
  observed?: Observed;
  /** Tells the charts a number of this step ("temperature" of the hint "ctkd" becomes "temperature/ctkd"). */
  probe?: (name: string, value: tf.Scalar) => void;
  /** Answers about other inputs than the batch's; there where the loss declares to read `gradients`. */
  ask?: Asked;
  /** Traces of a second, strongly changed view of each image, for hints that ask for one (`strongView`). */
  strong?: { student: Trace; teacher: Trace };
}

/** Both networks, for hints that ask them about inputs that they have moved. */
export interface Asked {
  /**
   * The student's trace, in the mode and with the parameters of this pass; differentiable. Running statistics do not move.
   */
  student: (inputs: Tensor) => Trace;
  /** The teacher's logits [B,C] in evaluation mode, differentiable by the inputs. */
  teacher: (inputs: Tensor) => Tensor;
  /** Such logits as the student is shown them: of another input where the teacher is shuffled. */
  shown: (logits: Tensor) => Tensor;
}

/** The student for hints that explain it. */
export interface StudentAccess {
  /** [D,C] kernel of the layer that gives the logits. */
  classifier: () => Tensor;
  /** [B,C] logits of inputs, with running statistics. */
  logits: (inputs: Tensor) => Tensor;
}

/** The batch of the coming step, in plain numbers (see `Hint.prepare`). */
export interface BatchFacts {
  /** [B] rows in the student's pool */
  rows: Int32Array;
  /** Counts the student's steps from 1. */
  step: number;
  /** The student's learning rate in this step, as a share of the highest one. */
  rate: number;
  /** Drawn from for this step alone: the same numbers each time for a hint, a seed and a step. */
  random: RandomStream;
}

/** Training before the student's own: of a hint's modules, or of the student's first layers by the hint alone. */
export interface Prelude<K extends Knobs = Knobs> {
  /** What the page says while it runs. */
  text: string;
  /** What is trained in it. @param student the student's own parameters by name */
  variables(student: ReadonlyMap<string, tf.Variable>): tf.Variable[];
  /**
   * Before each step: writes what differs from step to step into the hint's `inputs`, and prepares its `optimisers`.
   * @param batch its rows in the student's pool; `step` counts the prelude's steps from 1
   */
  prepare?(batch: Pick<BatchFacts, 'rows' | 'step'>, knobs: ValuesOf<K>): void;
  /** In the step, before its gradients and in the caller's tidy: what the hint trains by itself on the batch first. */
  before?(teacher: Trace, context: HintContext<K>): void;
  /** Rate at a step of the prelude. @param highest the schedule's learning rate */
  learningRate(highest: number): number;
  /**
   * Per-instance losses [B] of the prelude; their mean is minimised.
   * @param student runs the student on the batch, in training mode, so that its running statistics move. What learns
   *   from the teacher alone does not call it, and leaves the student as it is.
   */
  losses(student: () => Trace, teacher: Trace, context: HintContext<K>): Tensor1D;
}

/** What a hint shows of the watched images; `values` is a tensor of the panel's shape, the caller's. */
export interface MethodViewTensors {
  /** Says what to look for. */
  line: string;
  panels: (Omit<MethodViewPanel, 'values' | 'shape'> & { values: Tensor })[];
  /** [N,2,D] tracked rows of a table before and after the hint has moved them: arrows over the plane of two columns. */
  moves?: Tensor;
}

/** A part of a teacher's trace that can be remembered per image: `stages/0` is the first stage, `more/x` the `x` of `more`. */
export type TracePart =
  | 'logits'
  | 'embedding'
  | 'stem'
  | `stages/${number}`
  | `preActivations/${number}`
  | `more/${string}`;

/**
 * One hint of a run: its loss and, for some, a trained regressor on the student's side. What takes knobs is a method, so
 * that a hint of particular knobs counts as a hint.
 */
export interface Hint<K extends Knobs = Knobs> {
  /** The regressor's parameters, or null. They are trained with the student's and dropped at the end. */
  readonly module: Module | null;
  /** Parts of the teacher's trace that it reads; no others are remembered per image, and others may be missing. */
  readonly parts: readonly TracePart[];
  /**
   * Per-instance losses [B]; their mean is the published loss. Differentiable in the student's trace and in the
   * regressor. The teacher's trace is a constant.
   */
  losses(student: Trace, teacher: Trace, context: HintContext<K>): Tensor1D;
  /**
   * Present values of its module and of what it remembers, by PyTorch's names and in its layouts, for a hint that goes on
   * elsewhere from more than its module ("conv.weight", "bank.student").
   */
  leaves?(): Promise<NamedArray[]>;
  /** Of what it trains by itself in the student's steps: the optimisers' memories, by the module's name in `leaves`. */
  leavingSlots?(): Promise<Record<string, NamedSlots>>;
  /** Variables that it keeps and updates by itself (banks, frozen modules); they are saved with the run's state. */
  readonly memory?: readonly tf.Variable[];
  /** Of what it trains by itself in `afterStep`; it prepares and applies them, and their state is saved with the run's. */
  readonly optimisers?: readonly DrivenOptimiser[];
  /** What `prepare` writes. */
  readonly inputs?: readonly LiveTensor[];
  /** Before each step of the student: writes what differs from step to step (drawn negatives). Not called for others. */
  prepare?(batch: BatchFacts): void;
  /** After the student's update, in the caller's tidy, with the traces from before it: updates `memory`. */
  afterStep?(student: Trace, teacher: Trace, context: HintContext<K>): void;
  /**
   * Before everything else of the student's phase: asks what the teacher says of images of the pool (logits [rows*C] in
   * evaluation mode), for hints that keep something of each image. Not called where a run goes on from a later state.
   */
  survey?(ask: (poolRows: Int32Array) => Promise<Float32Array>): Promise<void>;
  /** Runs before the student's phase, for as many steps as the hint's `preludeSteps` (about.ts) says. */
  readonly prelude?: Prelude<K>;
  /** What the page draws of it, for the watched images, in evaluation mode and in the caller's tidy. */
  view?(student: Trace, teacher: Trace, context: HintContext<K>): MethodViewTensors;
  dispose(): void;
}

export interface HintSetup<K extends Knobs = Knobs> {
  pair: PairFacts;
  knobs: ValuesOf<K>;
  /** First values of the regressor. */
  random: RandomStream;
  /** Unique prefix for variable names. */
  scope: string;
  /** Images per batch. */
  batch: number;
  /** Per image of the student's pool: its label as the student has it, -1 for none. Its length is the pool's size. */
  poolLabels: Int32Array;
  /** Lowest and highest value of an input, normalised: one for all pixels, or one per column. */
  range: InputRange;
  /** The teacher's own network where it is a single frozen one (its batch norms are asked by OFD); else null. */
  teacher: Network | null;
  /** A further network as the student is, in full precision, with first values of its own; the caller disposes it. */
  newStudent(this: void, random: RandomStream): Network;
}
/** Parts are left out where they are all that `reads` of `about.ts` names. */
export type HintFactory<K extends Knobs = Knobs> = (
  setup: HintSetup<K>,
) => Omit<Hint<K>, 'parts'> & Partial<Pick<Hint<K>, 'parts'>>;
