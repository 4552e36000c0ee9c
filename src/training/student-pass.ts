/** The student's forward pass with its hint losses, and what a weighting may see of it. */
import { objectiveOf, sideBySide } from '../engine/loss-ops';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../engine/tf';
import type { Asked, Hint, HintContext, MethodViewTensors, StudentAccess } from '../distill/hints/hint';
import type { Task } from '../distill/tasks/task';
import type { Recipe } from '../distill/recipe';
import { shiftRows } from '../distill/teachers/corruption';
import type { Balance } from '../distill/weighting/balance';
import type { Instances } from '../distill/weighting/weighting';
import type { Observed } from '../nn/module';
import type { Network, Trace } from '../nn/network';
import { shiftTrace, type TeacherView } from './teacher-view';
import { forwardApart } from './two-halves';

/** A batch as the student needs it; tensors are the caller's. */
export interface StudentBatch {
  inputs: Tensor;
  /** The same images in the teacher's view; `inputs` itself where both see the same. */
  teacherInputs: Tensor;
  /** [B,C]; zeros without a label */
  targets: Tensor2D;
  labelled: number;
  /** Those of them whose label is not made with the image; all where left out. The lines beside the student learn from these. */
  real?: number;
  /** [B] int32, rows in the student's pool */
  rows: Tensor1D;
  /** The teacher's trace of the same images; uniform when the recipe has no teacher. */
  teacher: Trace;
  /** The teacher itself, for hints that ask it about other inputs; null without one. */
  asked?: Pick<TeacherView, 'answers' | 'shown'> | null;
  /** A strongly changed view of each image with the teacher's trace of it, for hints that ask for one. */
  strong?: { images: Tensor; teacher: Trace };
  /** Progress of the run, 0..1 */
  progress: tf.Scalar;
  /** Whether rows with and without a label pass the networks one after the other (see `TeacherPlan.apart`). */
  apart?: boolean;
  /** Factor of the whole objective in this step; 1 where left out. */
  weight?: tf.Scalar;
}

export interface PassOptions {
  /** Batch statistics (true) or running ones. */
  training: boolean;
  /** Parameters in place of the student's own, by name. */
  weights?: ReadonlyMap<string, Tensor>;
  /** Collects batch statistics; left out where moving averages must not move. */
  observed?: Observed;
  /** Takes numbers for the charts, by name and hint. */
  probe?: (name: string, hint: number, value: tf.Scalar) => void;
}

/** All differentiable in the student's parameters. */
export interface Pass {
  trace: Trace;
  /** [B], 0 without a label */
  taskLosses: Tensor1D;
  /** [B,H] before auto-balance; null without hints */
  raw: Tensor2D | null;
}

export class StudentPass {
  readonly task: Task;
  readonly network: Network;
  readonly hints: readonly Hint[];
  readonly balance: Balance;
  /** The recipe as it stands now; live knobs are read at each pass. */
  readonly recipe: () => Recipe;

  constructor(task: Task, network: Network, hints: readonly Hint[], balance: Balance, recipe: () => Recipe) {
    this.task = task;
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
    const trace = this.forward(batch, batch.inputs, options);
    const taskLosses = this.task.losses(trace.logits, batch.targets);
    return { trace, taskLosses, raw: this.hints.length > 0 ? this.hintLosses(trace, batch, options) : null };
  }

  /** The student's trace of a batch's inputs, or of another view of them. */
  forward({ apart, labelled }: StudentBatch, inputs: Tensor, options: PassOptions): Trace {
    return apart && options.training && labelled > 0 && labelled < inputs.shape[0]!
      ? forwardApart(this.network, inputs, labelled, options)
      : this.network.forward(inputs, options);
  }

  /** A part of the objective as it counts in the step. */
  weighted({ weight }: StudentBatch, part: tf.Scalar): tf.Scalar {
    return weight ? tf.mul<tf.Scalar>(part, weight) : part;
  }

  /** Inputs of a weighting. Only for a pass with hint losses. */
  instances(
    batch: StudentBatch,
    { trace, taskLosses, raw }: Pick<Pass, 'taskLosses' | 'raw'> & { trace: Pick<Trace, 'logits'> },
  ): Instances {
    return {
      rows: batch.rows,
      targets: batch.targets,
      taskLosses,
      hints: this.balance.apply(raw!),
      student: trace.logits,
      teacher: batch.teacher.logits,
      progress: batch.progress,
    };
  }

  /**
   * The objective, differentiable, and the mean of ce over what has a label. Only for a pass with hint losses.
   * @param weights [B,H] or [1,H], constant
   */
  objective(
    batch: StudentBatch,
    { taskLosses, raw }: Pick<Pass, 'taskLosses' | 'raw'>,
    weights: Tensor2D,
  ): { total: tf.Scalar; ce: tf.Scalar } {
    const task = {
      ce: taskLosses,
      count: Math.max(batch.labelled, 1),
      factor: this.recipe().objective.ceWeight,
    };
    const { total, ce } = objectiveOf(task, { losses: this.balance.apply(raw!), weights });
    return { total: this.weighted(batch, total), ce };
  }

  /** The context of a hint for a batch, and the teacher's trace for that hint. */
  contextOf(
    h: number,
    batch: StudentBatch,
    options: PassOptions,
    strong: Trace | null,
  ): { teacher: Trace; context: HintContext } {
    const { training, observed, probe, weights } = options;
    const { knobs, shuffled } = this.recipe().hints[h]!;
    const { inputs, teacherInputs, targets, rows, progress } = batch;
    const shown = (trace: Trace) => (shuffled ? shiftTrace(trace) : trace);
    return {
      teacher: shown(batch.teacher),
      context: {
        knobs,
        inputs,
        teacherInputs,
        own: ownOf(this.network, weights),
        targets,
        rows,
        progress,
        training,
        ...(observed ? { observed } : {}),
        ...(probe ? { probe: (name: string, value: tf.Scalar) => probe(name, h, value) } : {}),
        ...(batch.asked ? { ask: this.askedOf(batch.asked, options, shuffled) } : {}),
        ...(strong && batch.strong
          ? { strong: { student: strong, teacher: shown(batch.strong.teacher) } }
          : {}),
      },
    };
  }

  private askedOf(asked: NonNullable<StudentBatch['asked']>, options: PassOptions, shuffled: boolean): Asked {
    return {
      student: (inputs) => this.network.forward(inputs, withoutObserver(options)),
      teacher: (inputs) => asked.answers(inputs),
      shown: (logits) => (shuffled ? shiftRows(asked.shown(logits)) : asked.shown(logits)),
    };
  }

  /** Method views of the hints on a batch, with the hint's index; in evaluation mode. */
  methodViews(batch: StudentBatch, trace: Trace): { hint: number; view: MethodViewTensors }[] {
    return this.hints.flatMap((hint, h) => {
      if (!hint.view) return [];
      const { teacher, context } = this.contextOf(h, batch, { training: false }, null);
      return [{ hint: h, view: hint.view(trace, teacher, context) }];
    });
  }

  private hintLosses(student: Trace, batch: StudentBatch, options: PassOptions): Tensor2D {
    // The running statistics follow the plain view; evaluation sees no other.
    const strong =
      batch.strong && options.training
        ? this.forward(batch, batch.strong.images, withoutObserver(options))
        : null;
    const losses = this.hints.map((hint, h) => {
      const { teacher, context } = this.contextOf(h, batch, options, strong);
      return hint.losses(student, teacher, context);
    });
    return sideBySide(losses);
  }
}

function withoutObserver({ training, weights }: PassOptions): PassOptions {
  return { training, ...(weights ? { weights } : {}) };
}

/** @param weights in place of the network's own, by name */
export function ownOf(network: Network, weights: PassOptions['weights']): StudentAccess {
  return {
    classifier: () => {
      const name = network.classifier;
      return weights?.get(name) ?? network.module.trainable.get(name)!;
    },
    logits: (inputs) => network.forward(inputs, { training: false, ...(weights ? { weights } : {}) }).logits,
  };
}
