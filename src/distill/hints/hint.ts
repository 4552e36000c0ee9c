import type { Tensor1D, Tensor2D } from '../../engine/tf';
import type { Module, Observed } from '../../nn/module';
import type { Trace } from '../../nn/network';
import type { RandomStream } from '../../random/streams';
import type { PairFacts } from '../about';
import type { KnobValues } from '../knobs';

/** How a hint's loss is to be computed this time. */
export interface HintContext {
  /** Current values of the hint's knobs; live ones may have changed since the last call. */
  knobs: KnobValues;
  /** [B,C] labels as the student has them; zeros without a label. */
  oneHot: Tensor2D;
  /** Batch statistics in the regressor's batch norm (training) or its running ones (evaluation). */
  training: boolean;
  /** Collects the regressor's batch statistics; left out where moving averages must not move. */
  observed?: Observed;
}

/** One hint of a run: its loss and, for some, a trained regressor on the student's side. */
export interface Hint {
  /** The regressor's parameters, or null. They are trained with the student's and dropped at the end. */
  readonly module: Module | null;
  /** Whether it needs the teacher's maps, or its answers alone (which can be remembered per image). */
  readonly looksAt: 'logits' | 'trace';
  /**
   * Per-instance losses [B]; their mean is the published loss. Differentiable in the student's trace and in the
   * regressor. The teacher's trace is a constant.
   */
  losses(student: Trace, teacher: Trace, context: HintContext): Tensor1D;
  dispose(): void;
}

export interface HintSetup {
  pair: PairFacts;
  knobs: KnobValues;
  /** First values of the regressor. */
  random: RandomStream;
  /** Unique prefix for variable names. */
  scope: string;
}
export type HintFactory = (setup: HintSetup) => Hint;
