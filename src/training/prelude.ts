/** The initialisation stage of a hint, before the student's own training: trains the hint's modules, or the student by the hint alone. */
import { gradientsOf } from '../engine/gradients';
import { KeptTensors } from '../engine/kept-tensors';
import { tf } from '../engine/tf';
import { type DrivenOptimiser } from '../nn/driven-optimiser';
import { Observed } from '../nn/module';
import type { OptimiserState } from '../nn/optimisers';
import type { Prelude } from '../distill/hints/hint';
import { StudentBatches, type BatchesState, type BatchSetup } from './batches';
import type { RunContext } from './context';
import { refuseDiverged } from './diverged';
import type { RunEvent } from './events';
import { createOptimiser, prepareOptimiser } from './learner';
import { StepMetrics } from './step-metrics';
import { Throughput } from './throughput';
import type { StepInputs } from './step-inputs';
import { Stepper, type StepValues } from './stepper';
import { studentBatch } from './student-lines';
import type { StudentPass } from './student-pass';
import type { TeacherView } from './teacher-view';

/** Kinds of steps: the teacher runs on the batch, or its trace comes from the cache. */
const [asking, recalling] = ['asking', 'recalling'];

/** State of a prelude. Keys are stored. */
export interface PreludeState {
  hint: number;
  step: number;
  optimiser: OptimiserState;
  batches: BatchesState;
}

export interface PreludeParts {
  /** Index of the hint. */
  index: number;
  prelude: Prelude;
  key: string;
  steps: number;
  /** Steps of the preludes before this one, and of all together. */
  before: number;
  total: number;
  pass: StudentPass;
  inputs: StepInputs;
  teacher: TeacherView | null;
  batches: BatchSetup;
  /** See `TeacherPlan.apart`. */
  apart: boolean;
}

export class PreludePhase {
  private readonly parts: PreludeParts;
  private readonly context: RunContext;
  private readonly batches: StudentBatches;
  private readonly variables: tf.Variable[];
  private readonly optimiser: DrivenOptimiser;
  private readonly metrics = new StepMetrics('prelude');
  private readonly stepper: Stepper;
  private step = 0;

  constructor(parts: PreludeParts, context: RunContext) {
    const { prelude, key, pass, inputs } = parts;
    this.parts = parts;
    this.context = context;
    const hint = pass.hints[parts.index]!;
    this.batches = new StudentBatches({ ...parts.batches, stream: `prelude/${key}/` });
    this.variables = prelude.variables(pass.network.module.trainable);
    this.optimiser = createOptimiser(context.recipe().schedule, this.variables);
    this.stepper = new Stepper(
      {
        compute: (kind) => this.compute(kind === recalling),
        inputs: () => [
          ...inputs.inputs,
          ...(hint.inputs ?? []),
          ...(hint.optimisers ?? []).flatMap((driven) => driven.inputs),
          ...(parts.teacher?.inputs ?? []),
          ...this.optimiser.inputs,
          ...(pass.network.dropout?.inputs ?? []),
        ],
      },
      this.metrics,
      context.unrecorded,
    );
  }

  async *ticks(): AsyncGenerator<RunEvent[], void, undefined> {
    const { prelude, steps, before, total, inputs, teacher, pass } = this.parts;
    const { recipe, stopRequested, takeKnobEvents } = this.context;
    const throughput = new Throughput();
    if (this.step === 0) yield [{ type: 'phase', phase: 'prelude', steps: total, text: prelude.text }];
    for (let step = this.step + 1; step <= steps && !stopRequested(); step++) {
      const { schedule } = recipe();
      const told = before + step;
      const events = takeKnobEvents('prelude', told);
      if (events.length > 0) this.stepper.invalidate();
      const learningRate = prelude.learningRate(schedule.learningRate);
      const batch = this.batches.next();
      const recalls = await teacher?.prepare((batch.shown ?? batch).rows, () =>
        this.batches.teacherImages(batch),
      );
      teacher?.takeTurns(step, batch.members ?? new Int32Array(batch.rows.length));
      inputs.write(batch, 0, learningRate);
      pass.network.dropout?.draw();
      prelude.prepare?.({ rows: batch.rows, step }, recipe().hints[this.parts.index]!.knobs);
      prepareOptimiser(this.optimiser, schedule, learningRate);
      const kind = recalls ? recalling : asking;
      yield* this.stepper.ready([kind], stopRequested);
      await this.stepper.run(kind, told, learningRate);
      this.step = step;
      if (step === steps || throughput.readingDue)
        events.push(...(await this.flush()), throughput.reading(told));
      yield events;
    }
  }

  async flush(): Promise<RunEvent[]> {
    const events = await this.metrics.flush();
    refuseDiverged(events, this.context.recipe(), []);
    return events;
  }

  async state(): Promise<PreludeState> {
    return {
      hint: this.parts.index,
      step: this.step,
      optimiser: await this.optimiser.optimiser.state(),
      batches: this.batches.state(),
    };
  }

  restore({ step, optimiser, batches }: PreludeState): void {
    this.step = step;
    this.optimiser.optimiser.restore(optimiser);
    this.batches.restore(batches);
  }

  dispose(): void {
    this.stepper.dispose();
    this.metrics.dispose();
    this.optimiser.dispose();
  }

  private compute(recalls: boolean): StepValues {
    const { pass, prelude, index, inputs, teacher, key, apart } = this.parts;
    return tf.tidy(() => {
      const { givenSize: labelled } = this.batches;
      const { outputs } = pass.network;
      const batch = studentBatch(inputs, teacher, { labelled, recalls, outputs, apart, leads: false });
      const [observed, held] = [new Observed(), new KeptTensors()];
      const probes: Record<string, tf.Scalar> = {};
      const probe = (name: string, _hint: number, number: tf.Scalar) =>
        (probes[`${name}/${key}`] = held.keep(number));
      const options = { training: true, observed };
      try {
        if (prelude.before) {
          const shown = pass.contextOf(index, batch, options, null);
          prelude.before(shown.teacher, shown.context);
        }
        const { value, gradients } = gradientsOf(() => {
          const student = () => pass.forward(batch, batch.inputs, options);
          const shown = pass.contextOf(index, batch, { ...options, probe }, null);
          return tf.mean(prelude.losses(student, shown.teacher, shown.context));
        }, this.variables);
        observed.absorb();
        this.optimiser.apply(gradients);
        // Clones belong to the caller's tidy; the held ones would outlive it.
        const told = Object.entries(probes).map(([name, number]) => [name, number.clone()] as const);
        return { total: value, [key]: value.clone(), ...Object.fromEntries(told) };
      } finally {
        held.dispose();
      }
    });
  }
}
