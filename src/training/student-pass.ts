/** The student's forward pass with its hint losses, and what a weighting may see of it. */
import { tf, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D } from '../engine/tf';
import type { Hint } from '../distill/hints/hint';
import { crossEntropies } from '../distill/objective';
import type { Recipe } from '../distill/recipe';
import type { Balance } from '../distill/weighting/balance';
import type { Instances } from '../distill/weighting/weighting';
import type { Observed } from '../nn/module';
import type { Network, Trace } from '../nn/network';
import { shiftTrace } from './teacher';

/** A batch as the student needs it; tensors are the caller's. */
export interface StudentBatch {
  images: Tensor4D;
  /** [B,C]; zeros without a label */
  oneHot: Tensor2D;
  labelled: number;
  /** [B] int32, rows in the student's pool */
  rows: Tensor1D;
  /** The teacher's trace of the same images, or null when nobody teaches. */
  teacher: Trace | null;
}

/** Where a step stands in the run. */
export interface Progress {
  /** 0..1 */
  share: tf.Scalar;
  learningRate: tf.Scalar;
  /** Whether the weighting learns in this step. */
  learns: boolean;
}

export interface PassOptions {
  /** Batch statistics (true) or running ones. */
  training: boolean;
  /** Parameters in place of the student's own, by name. */
  weights?: ReadonlyMap<string, Tensor>;
  /** Collects batch statistics; left out where moving averages must not move. */
  observed?: Observed;
}

/** All differentiable in the student's parameters. */
export interface Pass {
  trace: Trace;
  /** [B], 0 without a label */
  ce: Tensor1D;
  /** [B,H] before auto-balance; null without hints */
  raw: Tensor2D | null;
}

export class StudentPass {
  readonly network: Network;
  readonly hints: readonly Hint[];
  readonly balance: Balance;
  /** The recipe as it stands now; live knobs are read at each pass. */
  readonly recipe: () => Recipe;

  constructor(network: Network, hints: readonly Hint[], balance: Balance, recipe: () => Recipe) {
    this.network = network;
    this.hints = hints;
    this.balance = balance;
    this.recipe = recipe;
  }

  /** Trained parameters of student and regressors; regressors' names start "hint0/", which no student's name does. */
  parameters(): Map<string, tf.Variable> {
    const named = new Map(this.network.module.trainable);
    this.hints.forEach((hint, h) => {
      for (const [name, variable] of hint.module?.trainable ?? []) named.set(`hint${h}/${name}`, variable);
    });
    return named;
  }

  run(batch: StudentBatch, options: PassOptions): Pass {
    const trace = this.network.forward(batch.images, options);
    const ce = crossEntropies(trace.logits, batch.oneHot);
    const raw =
      batch.teacher && this.hints.length > 0
        ? this.hintLosses(trace, batch.teacher, batch.oneHot, options)
        : null;
    return { trace, ce, raw };
  }

  /** What a weighting may look at. Only for a pass with hint losses. */
  instances(batch: StudentBatch, { trace, ce, raw }: Pass, share: tf.Scalar): Instances {
    return {
      rows: batch.rows,
      oneHot: batch.oneHot,
      ce,
      hints: this.balance.apply(raw!),
      student: trace.logits,
      teacher: batch.teacher!.logits,
      share,
    };
  }

  private hintLosses(
    student: Trace,
    teacher: Trace,
    oneHot: Tensor2D,
    { training, observed }: PassOptions,
  ): Tensor2D {
    const entries = this.recipe().hints;
    const losses = this.hints.map((hint, h) => {
      const { knobs, shuffled } = entries[h]!;
      const context = { training, knobs, oneHot, ...(observed ? { observed } : {}) };
      return hint.losses(student, shuffled ? shiftTrace(teacher) : teacher, context);
    });
    return tf.stack(losses, 1) as Tensor2D;
  }
}
