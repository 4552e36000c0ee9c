/** One training step of the distilled student: HKD's meta step if due, then gradient of the objective and update. */
import type { gradientsOf } from '../engine/gradients';
import { KeptTensors } from '../engine/kept-tensors';
import { meansOfHints, type HintTerm } from '../engine/loss-ops';
import { TapedPass } from '../engine/taped-pass';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../engine/tf';
import { weightedHints } from '../distill/objective';
import type { Probes, Weighting } from '../distill/weighting/weighting';
import { Dot } from '../nn/dot';
import { Observed } from '../nn/module';
import type { Trace } from '../nn/network';
import type { DrivenOptimiser } from '../nn/driven-optimiser';
import { bilevelProblem, type MetaBatch } from './bilevel-problem';
import type { StudentBatch, StudentPass } from './student-pass';

/** A type, not an interface, so that `tf.tidy` can hand it out. */
export type StudentStepResult = {
  /** Named scalars: "total", the task's own loss, hints and probes. */
  values: Record<string, tf.Scalar>;
  /** [B,C] of the student before its update, in training mode */
  logits: Tensor;
};

/** Results of the step's forward pass, all differentiable. */
interface ForwardPass {
  /** [B,C] */
  logits: Tensor;
  /** [B] */
  taskLosses: Tensor1D;
  /** [B,H]; null without hints */
  raw: Tensor2D | null;
  /** Kept where a hint has `afterStep`, else null. */
  trace: Trace | null;
  probes: Record<string, tf.Scalar>;
}

export class StudentStep {
  private readonly pass: StudentPass;
  private readonly weighting: Weighting;
  private readonly optimiser: DrivenOptimiser;
  private readonly hintKeys: readonly string[];

  /** @param optimiser over `pass.parameters()`, in their order; prepared before each step, as is the weighting */
  constructor(
    pass: StudentPass,
    weighting: Weighting,
    optimiser: DrivenOptimiser,
    hintKeys: readonly string[],
  ) {
    this.pass = pass;
    this.weighting = weighting;
    this.optimiser = optimiser;
    this.hintKeys = hintKeys;
  }

  /** Whether `open` is to be called before the first step: auto-balance begins with what the first batch gives. */
  get opens(): boolean {
    return this.pass.hints.length > 0 && !this.pass.balance.isOpen;
  }

  /** Before the first step, on its batch; `balance.opened()` says that it was done. */
  open(batch: StudentBatch): void {
    tf.tidy(() => this.pass.balance.open(this.pass.run(batch, { training: true }).raw!));
  }

  /**
   * One step; with a meta batch the weighting learns first, from the same forward pass. Returns named scalars for the
   * meter and the student's logits [B,C] before its update; both are the caller's, nothing else is left behind.
   */
  run(batch: StudentBatch, meta: MetaBatch | null, learningRate: tf.Scalar): StudentStepResult {
    return tf.tidy(() => {
      const { pass } = this;
      const [observed, held] = [new Observed(), new KeptTensors()];
      try {
        const { forward, weighted, learned, found } = this.learn(batch, meta, learningRate, observed, held);
        const { logits, raw, trace, probes } = forward;
        observed.absorb();
        this.optimiser.apply(found.gradients);
        if (trace) this.afterStep(batch, trace);

        const values: Record<string, tf.Scalar> = {
          total: found.value,
          [pass.task.about.loss.key]: found.ce.clone(),
        };
        if (raw && weighted) {
          Object.assign(values, this.hintParts(raw, weighted));
          pass.balance.observe(raw);
        }
        // Clones belong to the caller's tidy; the held ones would outlive it.
        for (const [name, number] of Object.entries(probes)) values[name] = number.clone();
        return { values: { ...values, ...this.byHintKey(learned) }, logits };
      } finally {
        // After a failed step, batch statistics are discarded.
        observed.discard();
        held.dispose();
      }
    });
  }

  /** The pass, the weighting's own learning if `meta` is given, and the gradients; changes no parameter of the student. */
  private learn(
    batch: StudentBatch,
    meta: MetaBatch | null,
    learningRate: tf.Scalar,
    observed: Observed,
    held: KeptTensors,
  ): {
    forward: ForwardPass;
    weighted: HintTerm | null;
    learned: Probes;
    found: ReturnType<StudentStep['differentiate']>;
  } {
    const { pass, weighting } = this;
    const taped = new TapedPass(() => this.runForward(batch, observed, held));
    try {
      const forward = taped.value;
      const { logits, taskLosses, raw } = forward;
      const instances = raw && pass.instances(batch, { trace: { logits }, taskLosses, raw });
      const learned =
        meta && instances
          ? weighting.learn(
              bilevelProblem({
                pass,
                taped,
                instances,
                batch,
                meta,
                optimiser: this.optimiser.optimiser,
                learningRate,
              }),
            )
          : {};
      const weights = instances && weighting.weigh(instances, true).weights;
      const found = this.differentiate(taped, batch, weights, held);
      return { forward, weighted: weights && { losses: instances.hints, weights }, learned, found };
    } finally {
      taped.dispose();
    }
  }

  /** The student's forward pass, and of its trace what is needed beyond it: all of it if a hint will look. */
  private runForward(batch: StudentBatch, observed: Observed, held: KeptTensors): ForwardPass {
    const probes: Record<string, tf.Scalar> = {};
    const probe = (name: string, hint: number, value: tf.Scalar) =>
      (probes[`${name}/${this.hintKeys[hint]}`] = held.keep(value));
    const { trace, taskLosses, raw } = this.pass.run(batch, { training: true, observed, probe });
    const looksBack = this.pass.hints.some((hint) => 'afterStep' in hint);
    return { logits: trace.logits, taskLosses, raw, trace: looksBack ? trace : null, probes };
  }

  /**
   * The objective's value and its gradients by all parameters; for an optimiser that keeps labels and hints apart, those
   * of the labels' part and then those of the hints'.
   */
  private differentiate(
    taped: TapedPass<ForwardPass>,
    batch: StudentBatch,
    weights: Tensor2D | null,
    held: KeptTensors,
  ): ReturnType<typeof gradientsOf> & { ce: tf.Scalar } {
    const { pass } = this;
    const parameters = [...pass.parameters().values()];
    const seen: { ce?: tf.Scalar } = {};
    const ofTask = ({ logits }: ForwardPass) => {
      const mean = pass.task.meanLoss(logits, batch.targets, Math.max(batch.labelled, 1));
      seen.ce = held.keep(mean);
      return pass.weighted(batch, tf.mul<tf.Scalar>(mean, pass.recipe().objective.ceWeight));
    };
    const ofBoth = (forward: ForwardPass) => {
      const { total, ce } = pass.objective(batch, forward, weights!);
      seen.ce = held.keep(ce);
      return total;
    };
    const found = () => {
      if (!weights) return taped.gradientsOf(ofTask, parameters);
      if (!(this.optimiser.optimiser instanceof Dot)) return taped.gradientsOf(ofBoth, parameters);
      const hints = taped.gradientsOf(
        ({ raw }) => pass.weighted(batch, weightedHints(pass.balance.apply(raw!), weights)),
        parameters,
      );
      const task = taped.gradientsOf(ofTask, parameters);
      return {
        value: tf.add<tf.Scalar>(task.value, hints.value),
        gradients: [...task.gradients, ...hints.gradients],
      };
    };
    return { ...found(), ce: seen.ce! };
  }

  /** Lets hints update their memory, with the traces from before the update. */
  private afterStep(batch: StudentBatch, trace: Trace): void {
    this.pass.hints.forEach((hint, h) => {
      if (!hint.afterStep) return;
      const { teacher, context } = this.pass.contextOf(h, batch, { training: true }, null);
      hint.afterStep(trace, teacher, context);
    });
  }

  /** Batch means per hint: the loss itself, and its part in the total. */
  private hintParts(raw: Tensor2D, weighted: HintTerm): Record<string, tf.Scalar> {
    const means = meansOfHints(raw, weighted);
    const named = this.hintKeys.flatMap((key, h) => {
      const { mean, part } = means[h]!;
      return [[key, mean] as const, [`${key}·w`, part] as const];
    });
    return Object.fromEntries(named);
  }

  /** Replaces the hint's index in names of probes by its key. */
  private byHintKey(probes: Probes): Probes {
    const renamed = Object.entries(probes).map(([name, value]) => {
      const [what, hint] = name.split('/');
      const key = this.hintKeys[Number(hint)];
      return [key === undefined ? name : `${what}/${key}`, value] as const;
    });
    return Object.fromEntries(renamed);
  }
}
