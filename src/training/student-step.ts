/** One training step of the distilled student: HKD's meta step if due, then gradient of the objective and update. */
import { detached } from '../engine/constant';
import { gradientsOf } from '../engine/gradients';
import { Held } from '../engine/held';
import { meansOfHints, objectiveOf, type HintTerm, type TaskTerm } from '../engine/losses';
import { tf, type Tensor, type Tensor2D } from '../engine/tf';
import { crossEntropies, meanOverLabelled, weightedHints } from '../distill/objective';
import type { Probes, Weighting } from '../distill/weighting/weighting';
import { Dot } from '../nn/dot';
import { Observed } from '../nn/module';
import type { Trace } from '../nn/network';
import type { DrivenOptimiser } from '../nn/driven-optimiser';
import { bilevelProblem, type MetaBatch } from './bilevel-problem';
import type { StudentBatch, StudentPass } from './student-pass';

/** A type, not an interface, so that `tf.tidy` can hand it out. */
export type StudentStepResult = {
  /** Named scalars: "total", "ce", hints and probes. */
  values: Record<string, tf.Scalar>;
  /** [B,C] of the student before its update, in training mode */
  logits: Tensor;
};

interface Terms {
  task: TaskTerm;
  hints: HintTerm | null;
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
   * One step; with a meta batch the weighting learns first. Returns named scalars for the meter and the student's logits [B,C] before its update; both are the
   * caller's, nothing else is left behind.
   */
  run(batch: StudentBatch, meta: MetaBatch | null, learningRate: tf.Scalar): StudentStepResult {
    return tf.tidy(() => {
      const probes = meta
        ? this.weighting.learn(bilevelProblem(this.pass, this.optimiser.optimiser, batch, meta, learningRate))
        : {};
      const { values, logits } = this.update(batch);
      return { values: { ...values, ...this.byHintKey(probes) }, logits };
    });
  }

  private update(batch: StudentBatch): StudentStepResult {
    const { pass, weighting } = this;
    const { balance, recipe } = pass;
    const observed = new Observed();
    const held = new Held();
    const probes: Record<string, tf.Scalar> = {};
    const probe = (name: string, hint: number, value: tf.Scalar) =>
      (probes[`${name}/${this.hintKeys[hint]}`] = held.keep(value));
    const seen: { raw?: Tensor2D; weights?: Tensor2D; trace?: Trace } = {};
    const terms = (): Terms => {
      const forward = pass.run(batch, { training: true, observed, probe });
      seen.trace = this.keep(forward.trace, held);
      const task = {
        ce: forward.ce,
        count: Math.max(batch.labelled, 1),
        factor: recipe().objective.ceWeight,
      };
      if (!forward.raw) return { task, hints: null };
      seen.raw = held.keep(forward.raw);
      const weights = detached(() => {
        const { weights } = weighting.weigh(pass.instances(batch, forward), true);
        seen.weights = held.keep(weights);
        return weights;
      });
      return { task, hints: { losses: balance.apply(forward.raw), weights } };
    };
    const { value, ce, gradients } = this.differentiate(terms, batch, held);
    observed.absorb();
    this.optimiser.apply(gradients);
    this.afterStep(batch, seen.trace!);

    const values: Record<string, tf.Scalar> = { total: value, ce: ce.clone() };
    if (seen.raw && seen.weights) {
      Object.assign(values, this.hintParts(seen.raw, seen.weights));
      balance.observe(seen.raw);
    }
    for (const [name, number] of Object.entries(probes)) values[name] = number.clone();
    const logits = seen.trace!.logits.clone();
    held.dispose();
    return { values, logits };
  }

  /**
   * The objective's value and its gradients by all parameters; for an optimiser that keeps labels and hints apart, those
   * of the labels' part and then those of the hints', by a second pass through the student.
   */
  private differentiate(
    terms: () => Terms,
    batch: StudentBatch,
    held: Held,
  ): ReturnType<typeof gradientsOf> & { ce: tf.Scalar } {
    const parameters = [...this.pass.parameters().values()];
    const seen: { ce?: tf.Scalar } = {};
    const ofTaskAlone = ({ ce, count, factor }: TaskTerm) => {
      const mean = meanOverLabelled(ce, count);
      seen.ce = held.keep(mean);
      return tf.mul<tf.Scalar>(mean, factor);
    };
    if (!(this.optimiser.optimiser instanceof Dot) || this.pass.hints.length === 0) {
      const { value, gradients } = gradientsOf(() => {
        const { task, hints } = terms();
        if (!hints) return ofTaskAlone(task);
        const { total, ce } = objectiveOf(task, hints);
        seen.ce = held.keep(ce);
        return total;
      }, parameters);
      return { value, ce: seen.ce!, gradients };
    }
    const ofHints = gradientsOf(() => {
      const { losses, weights } = terms().hints!;
      return weightedHints(losses, weights);
    }, parameters);
    const ofTask = gradientsOf(() => {
      const { logits } = this.pass.network.forward(batch.images, { training: true });
      const ce = crossEntropies(logits, batch.oneHot);
      const factor = this.pass.recipe().objective.ceWeight;
      return ofTaskAlone({ ce, count: Math.max(batch.labelled, 1), factor });
    }, parameters);
    return {
      value: tf.add(ofTask.value, ofHints.value),
      ce: seen.ce!,
      gradients: [...ofTask.gradients, ...ofHints.gradients],
    };
  }

  /** What hints that remember make of the step: with the traces from before the update. */
  private afterStep(batch: StudentBatch, trace: Trace): void {
    this.pass.hints.forEach((hint, h) => {
      if (!hint.afterStep) return;
      const { teacher, context } = this.pass.contextOf(h, batch, { training: true }, null);
      hint.afterStep(trace, teacher, context);
    });
  }

  /** The trace beyond the end of the differentiated function: the logits, and all of it if a hint will look. */
  private keep(trace: Trace, held: Held): Trace {
    const kept = (x: Tensor) => held.keep(x);
    if (!this.pass.hints.some((hint) => 'afterStep' in hint)) return { ...trace, logits: kept(trace.logits) };
    const { stages, preActivations } = trace;
    return {
      logits: kept(trace.logits),
      embedding: kept(trace.embedding),
      stem: kept(trace.stem),
      stages: stages.map(kept),
      preActivations: preActivations.map(kept),
    };
  }

  /** Batch means per hint: the loss itself, and its part in the total. */
  private hintParts(raw: Tensor2D, weights: Tensor2D): Record<string, tf.Scalar> {
    const means = meansOfHints(raw, { losses: this.pass.balance.apply(raw), weights });
    const named = this.hintKeys.flatMap((key, h) => {
      const { mean, part } = means[h]!;
      return [[key, mean] as const, [`${key}·w`, part] as const];
    });
    return Object.fromEntries(named);
  }

  /** A weighting numbers the hints in its probes; the charts know them by key. */
  private byHintKey(probes: Probes): Probes {
    const renamed = Object.entries(probes).map(([name, value]) => {
      const [what, hint] = name.split('/');
      const key = this.hintKeys[Number(hint)];
      return [key === undefined ? name : `${what}/${key}`, value] as const;
    });
    return Object.fromEntries(renamed);
  }
}
