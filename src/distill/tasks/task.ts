/** What a task is to a run: how targets are written for a network, its loss, and how answers are judged. */
import type { Targets } from '../../data/dataset';
import type { tf, Tensor, Tensor1D, Tensor2D } from '../../engine/tf';
import type { ReliabilityBins } from '../../nn/calibration';
import type { RandomStream } from '../../random/streams';
import type { TaskAbout } from './about';

/** Groups of rows that are alike in their target, such as the classes: each is to be present in a sample. */
export interface Strata {
  count: number;
  /** [N] group of each row, 0..count-1 */
  of: Int32Array;
}

/** Per number of a target. */
export interface NumberScale {
  mean: readonly number[];
  deviation: readonly number[];
}

/** How well a network answers a set of rows. */
export interface Measurement {
  /** By the ids of the task's scores. */
  scores: Record<string, number>;
  /** Mean of the task's own loss. */
  loss: number;
  /** Counts of (true class, answered class), row-major [C*C]; for classes only. */
  confusion?: number[];
  /** [N] answered class; for classes only. */
  predicted?: Int32Array;
  /** Scores of each number or label by itself, by their ids; NaN where one cannot be had. Not for classes. */
  perTarget?: Record<string, number[]>;
}

/** What is measured beside the task's own scores. */
export interface FurtherMeasurement {
  /** By the ids of `about.further`; those against a teacher are missing without its answers. */
  scores: Record<string, number>;
  /** Confidence against correctness, for answers that are probabilities: of the predicted class, or of each label. */
  reliability?: ReliabilityBins;
  /** The scores against a teacher within each class, label or number, by id; NaN for a class without rows. */
  fidelity?: Record<string, number[]>;
}

/** The score that lines are compared by. */
export function primaryScore({ about }: Task, { scores }: Measurement): number {
  return scores[about.scores[0].id]!;
}

export interface Task {
  readonly about: TaskAbout;
  /** Numbers that a network puts out for an instance. */
  readonly outputs: number;
  /** Numbers per row of the tensor of targets. */
  readonly width: number;
  /** Of numbers: an answer in the target's unit is output * deviation + mean. Null for other tasks. */
  readonly scale: NumberScale | null;
  /** Whether the outputs are logits of one distribution over classes. */
  readonly oneOfMany: boolean;
  /** Targets of rows as the losses take them, [rows*width]; zeros for a row without a target. */
  encode(targets: Targets, rows: Int32Array): Float32Array;
  /** Makes a row of encoded targets count so many times in the loss, in place. */
  weighRow(encoded: Float32Array, row: number, factor: number): void;
  /**
   * The task's own loss.
   * @param output [B,outputs], differentiable
   * @param targets [B,width]; a row of zeros gives 0
   * @returns [B]
   */
  losses(output: Tensor, targets: Tensor): Tensor1D;
  /** The same in plain ops, for numbers that are shown: a fused kernel may differ in the last digit. */
  shownLosses(output: Tensor, targets: Tensor): Tensor1D;
  /** The sum of `losses` divided by a number that is not zero. */
  meanLoss(output: Tensor, targets: Tensor, divisor: number): tf.Scalar;
  /** A network's answers [B,outputs] taken as targets [B,width]: the top class, the labels above one half, the numbers. */
  harden(output: Tensor): Tensor2D;
  /**
   * What a weighting may know of answers, [B] each and about 0..1: the student's uncertainty, and how close student and
   * teacher come to the target (0 without one): the probability of the right answer, or for numbers the absolute error
   * in deviations of the target.
   * @param student [B,outputs], a constant, as is the teacher's
   */
  states(
    student: Tensor,
    teacher: Tensor,
    targets: Tensor,
  ): [uncertainty: Tensor1D, student: Tensor1D, teacher: Tensor1D];
  /** Answers whose probabilities are the mean of those of several networks; the mean of numbers. [B,outputs] each */
  averageProbabilities(members: readonly Tensor[]): Tensor;
  /**
   * How far a student's answers are from a teacher's, 0 where they agree: mean over the rows of the KL divergence, or of
   * the squared difference of numbers. [N*outputs] each
   * @param temperature divides logits
   */
  distance(teacher: Float32Array, student: Float32Array, temperature: number): number;
  /** Whether answers are hardly better than those of a network that knows nothing of the inputs. */
  isWeak(measured: Pick<Measurement, 'scores' | 'loss'>): boolean;
  /** What is shown of answers [N*outputs]: probabilities, or numbers in the target's unit. */
  shown(output: Float32Array): Float32Array;
  strata(targets: Targets): Strata;
  /**
   * Makes a share of the targets of the given rows wrong, in place.
   * @param percent of the rows, 0..100
   * @returns how many rows were changed
   */
  corrupt(
    targets: Targets,
    rows: readonly number[],
    percent: number,
    kind: string,
    random: RandomStream,
  ): number;
  /** @param output [N*outputs] @param targets of the same N rows */
  measure(output: Float32Array, targets: Targets): Measurement;
  /**
   * The scores beside them.
   * @param output [N*outputs]
   * @param targets of the same N rows
   * @param teacher [N*outputs] the teacher's answers; null for the teacher itself, and where there is none
   */
  measureFurther(output: Float32Array, targets: Targets, teacher: Float32Array | null): FurtherMeasurement;
  /** The scores against a teacher of each instance [N], by id. [N*outputs] each */
  fidelity(output: Float32Array, teacher: Float32Array): Record<string, number[]>;
  /** The first score of the best answer that is the same for all instances; NaN without targets. */
  constantScore(targets: Targets): number;
}
