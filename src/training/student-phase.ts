/** The student, its control and the hard-answers line, trained in lockstep on the same batches. */
import type { Hint } from '../distill/hints/hint';
import type { OrderState } from '../distill/material/order';
import { Balance, type BalanceState } from '../distill/weighting/balance';
import type { Weighting, WeightingState } from '../distill/weighting/weighting';
import type { Normalisation } from '../distill/material/images';
import { tf, type Tensor, type Tensor2D, type Tensor4D } from '../engine/tf';
import { readVariables, writeVariables } from '../engine/variables';
import type { DrivenOptimiser } from '../nn/driven-optimiser';
import { Network } from '../nn/network';
import type { OptimiserState } from '../nn/optimisers';
import { learningRateAt } from '../nn/schedules';
import { RandomStream } from '../random/streams';
import { StudentBatches, type BatchesState } from './batches';
import { refuseDiverged } from './diverged';
import { Examiner } from './examiner';
import type { Learner, RunEvent } from './events';
import { createOptimiser, LabelLearner, prepareOptimiser } from './learner';
import { Meter } from './meter';
import { Pace } from './pace';
import { createHints, createWeighting } from './parts';
import type { Plan } from './plan';
import type { RunContext } from './context';
import { MetaBatches } from './meta-batches';
import { StudentPass } from './student-pass';
import { LiveBatch, StepInputs } from './step-inputs';
import { Stepper, type StepValues } from './stepper';
import { StudentStep } from './student-step';
import { TeacherView, type Corruption } from './teacher';
import { snapshot } from './watch';

export interface StudentState {
  stepsDone: number;
  variables: Float32Array[];
  optimisers: OptimiserState[];
  weighting: WeightingState;
  balance: BalanceState;
  batches: BatchesState;
  metaBatches: OrderState;
}

/** The two kinds of step: with the weighting's own learning in it, and without. */
const learning = 'learning';
const plain = 'plain';

export class StudentPhase {
  /** Steps of the student that are done. */
  stepsDone = 0;
  private readonly plan: Plan;
  private readonly context: RunContext;
  private readonly student: Network;
  private readonly optimiser: DrivenOptimiser;
  private readonly control: LabelLearner | null;
  private readonly hard: LabelLearner | null;
  private readonly teacher: TeacherView | null;
  private readonly hints: Hint[];
  private readonly balance: Balance;
  private readonly weighting: Weighting;
  private readonly batches: StudentBatches;
  private readonly metaBatches: MetaBatches;
  private readonly pass: StudentPass;
  private readonly step: StudentStep;
  private readonly inputs: StepInputs;
  private readonly metaInputs: LiveBatch;
  private readonly meter = new Meter('student');
  private readonly stepper: Stepper;
  /** Whether the page knows that steps cannot be recorded. */
  private told = false;
  private readonly examiner: Examiner;
  private readonly watched: Int32Array;

  /** @param teacher stays the run's */
  constructor(
    plan: Plan,
    context: RunContext,
    normalisation: Normalisation,
    teacher: Network | null,
    watched: Int32Array,
  ) {
    const { recipe, material, source, hintKeys } = plan;
    this.plan = plan;
    this.context = context;
    this.watched = watched;
    const { batch } = recipe.schedule;
    const { shift, flip } = recipe.material;
    this.batches = new StudentBatches({
      material,
      source,
      normalisation,
      batch,
      seed: recipe.seed,
      shift,
      flip,
    });
    this.metaBatches = new MetaBatches(plan, normalisation);

    this.student = this.createStudent();
    this.hints = createHints(plan);
    this.weighting = createWeighting(plan, context.recipe, this.batches.pool);
    const balanced = this.weighting.autoBalance && this.hints.length > 0;
    this.balance = new Balance(this.hints.length, balanced, 'balance');
    this.pass = new StudentPass(this.student, this.hints, this.balance, context.recipe);
    this.optimiser = createOptimiser(recipe.schedule, [...this.pass.parameters().values()]);
    this.step = new StudentStep(this.pass, this.weighting, this.optimiser, hintKeys);
    this.control = plan.control ? this.createLabelLearner() : null;
    this.hard = recipe.objective.hardAnswers && teacher ? this.createLabelLearner() : null;

    const cacheable = !this.batches.augmented && this.hints.every((hint) => hint.looksAt === 'logits');
    this.teacher =
      teacher &&
      new TeacherView(
        teacher,
        recipe.teacher.knobs['corruption'] as Corruption,
        cacheable ? material.dataset.train.count : 0,
      );
    const image = plan.input;
    const { classes } = plan;
    this.inputs = new StepInputs(
      { batch: this.batches.size, image, classes },
      this.teacher?.remembers ?? false,
    );
    this.metaInputs = new LiveBatch({ batch: this.metaBatches.size, image, classes });
    this.stepper = new Stepper(
      { compute: (kind) => this.compute(kind === learning), inputs: () => this.liveInputs() },
      this.meter,
    );
    this.examiner = new Examiner(plan, normalisation, this.learners(), this.teacher);
  }

  async *ticks(): AsyncGenerator<RunEvent[], void, undefined> {
    const { recipe, stopRequested, takeKnobEvents } = this.context;
    const { steps, evaluateEvery } = recipe().schedule;
    const pace = new Pace(steps);
    const lines = this.control
      ? 'The student learns, and beside it a control without a teacher.'
      : 'The student learns.';
    if (this.stepsDone === 0)
      yield [{ type: 'phase', phase: 'student', steps, text: lines }, ...(await this.look(0))];
    for (let step = this.stepsDone + 1; step <= steps && !stopRequested(); step++) {
      const events = takeKnobEvents('student', step);
      if (events.length > 0) this.stepper.invalidate();
      await this.train(step, steps);
      this.stepsDone = step;
      const due = step % evaluateEvery === 0 || step === steps;
      if (due || pace.readingDue) events.push(...(await this.flush()), pace.reading(step));
      if (this.stepper.reason !== null && !this.told) {
        this.told = true;
        events.push({ type: 'warning', step, text: this.stepper.reason });
      }
      if (due) {
        events.push(...(await this.look(step)));
        pace.restart();
      }
      yield events;
    }
  }

  async flush(): Promise<RunEvent[]> {
    const events = await this.meter.flush();
    refuseDiverged(events, this.context.recipe(), this.plan.hintKeys);
    return events;
  }

  /** Accuracy of everyone on the whole test split (on the live sample for a run that was stopped). */
  finalAccuracies(): ReturnType<Examiner['final']> {
    return this.examiner.final(this.context.stopRequested());
  }

  /** Everything that the next step depends on, as numbers in CPU memory. */
  async state(): Promise<StudentState> {
    const drivens = this.drivens();
    return {
      stepsDone: this.stepsDone,
      variables: await readVariables(this.stateVariables()),
      optimisers: await Promise.all(drivens.map(({ optimiser }) => optimiser.state())),
      weighting: await this.weighting.state(),
      balance: await this.balance.state(),
      batches: this.batches.state(),
      metaBatches: this.metaBatches.state(),
    };
  }

  /** Goes on where `state` was taken of a phase of the same plan; `ticks` then starts with the step after it. */
  restore(state: StudentState): void {
    this.stepsDone = state.stepsDone;
    writeVariables(this.stateVariables(), state.variables);
    this.drivens().forEach(({ optimiser }, i) => optimiser.restore(state.optimisers[i]!));
    this.weighting.restore(state.weighting);
    this.balance.restore(state.balance);
    this.batches.restore(state.batches);
    this.metaBatches.restore(state.metaBatches);
  }

  networkOf(learner: Learner): Network | null {
    return this.learners().find((entry) => entry.learner === learner)?.network ?? null;
  }

  dispose(): void {
    this.stepper.dispose();
    this.inputs.dispose();
    this.metaInputs.dispose();
    this.meter.dispose();
    this.hints.forEach((hint) => hint.dispose());
    this.balance.dispose();
    this.weighting.dispose();
    this.optimiser.dispose();
    this.student.dispose();
    this.control?.dispose();
    this.hard?.dispose();
  }

  private async train(step: number, steps: number): Promise<void> {
    const { schedule } = this.context.recipe();
    const share = (step - 1) / steps;
    const learningRate = learningRateAt(step - 1, {
      steps,
      learningRate: schedule.learningRate,
      curve: schedule.curve,
      warmupShare: schedule.warmup / 100,
    });
    const batch = this.batches.next();
    const answers = await this.teacher?.remembered(batch.trainRows, () =>
      tf.tensor4d(batch.images, [batch.rows.length, ...this.plan.input]),
    );
    const learns = this.hints.length > 0 && this.weighting.learnsAt(step - 1, share);
    this.inputs.write(batch, answers ?? null, share, learningRate);
    if (learns) this.metaInputs.write(this.metaBatches.next());
    this.weighting.prepare(share, learns);
    for (const driven of this.drivens()) prepareOptimiser(driven, schedule, learningRate);
    await this.stepper.run(learns ? learning : plain, step, learningRate);
  }

  /** Everything that `train` writes before a step. */
  private liveInputs() {
    return [
      ...this.inputs.inputs,
      ...this.metaInputs.inputs,
      ...this.weighting.inputs,
      ...this.drivens().flatMap((driven) => driven.inputs),
    ];
  }

  private drivens(): DrivenOptimiser[] {
    return [this.optimiser, this.control?.optimiser, this.hard?.optimiser].filter(
      (driven) => driven !== undefined,
    );
  }

  /** Parameters and running statistics of all lines and regressors. */
  private stateVariables(): tf.Variable[] {
    const modules = [
      ...this.learners().map(({ network }) => network.module),
      ...this.hints.flatMap((hint) => hint.module ?? []),
    ];
    return modules.flatMap(({ trainable, statistics }) => [...trainable.values(), ...statistics.values()]);
  }

  /** One step of all lines on what was written; in the caller's tidy. */
  private compute(learns: boolean): StepValues {
    const { batch, rows, share, learningRate, answers } = this.inputs;
    const { images, oneHot } = batch;
    const labelled = this.batches.labelledSize;
    const teacher = this.teacher?.trace(images, answers) ?? null;
    const values = this.step.run({ images, oneHot, labelled, rows, teacher }, this.metaInputs, {
      share,
      learningRate,
      learns,
    });
    if (this.control) values['control'] = this.trainControl(this.control);
    if (this.hard && teacher) values['hard answers'] = this.trainHard(this.hard, teacher.logits);
    return values;
  }

  /** The control sees the labelled images of the batch: it can make nothing of the others. */
  private trainControl(control: LabelLearner): tf.Scalar {
    const { images, oneHot } = this.inputs.batch;
    const labelled = this.batches.labelledSize;
    const [total, ...size] = images.shape;
    if (labelled === total) return control.step(images, oneHot, labelled);
    const ofLabelled = tf.slice(images, [0, 0, 0, 0], [labelled, ...size]) as Tensor4D;
    return control.step(ofLabelled, tf.slice(oneHot, [0, 0], [labelled, -1]) as Tensor2D, labelled);
  }

  /** The same weights as the distilled student's, with the teacher's top class in place of its soft answer. */
  private trainHard(hard: LabelLearner, answers: Tensor): tf.Scalar {
    const { objective, hints } = this.context.recipe();
    const { images, oneHot } = this.inputs.batch;
    const weight = hints.find(({ id }) => id === 'kd')?.weight ?? 1;
    const targets = tf.cast(tf.oneHot(tf.argMax(answers, -1), this.plan.classes), 'float32') as Tensor2D;
    return hard.step(images, oneHot, this.batches.labelledSize, {
      labelWeight: objective.ceWeight,
      extra: { targets, weight },
    });
  }

  /** Accuracy and the watched images, as they are after `step`. */
  private async look(step: number): Promise<RunEvent[]> {
    const share = step / this.context.recipe().schedule.steps;
    this.weighting.prepare(share, false);
    const others = this.learners().filter(({ learner }) => learner !== 'student');
    const seen = await snapshot(
      {
        rows: this.watched,
        material: this.plan.material,
        batches: this.batches,
        teacher: this.teacher,
        pass: this.pass,
        weighting: this.weighting,
        hintKeys: this.plan.hintKeys,
        others,
      },
      step,
      share,
    );
    return [await this.examiner.evaluate(step), { type: 'instances', snapshot: seen }];
  }

  private learners(): { learner: Learner; network: Network }[] {
    return [
      { learner: 'student', network: this.student },
      ...(this.control ? [{ learner: 'control' as const, network: this.control.network }] : []),
      ...(this.hard ? [{ learner: 'hard' as const, network: this.hard.network }] : []),
    ];
  }

  /** All lines draw from the same named stream, so they start from the same weights. */
  private createStudent(): Network {
    const { recipe, input, classes } = this.plan;
    return Network.create(
      recipe.student.network,
      input,
      classes,
      RandomStream.fork(recipe.seed, 'init/student'),
    );
  }

  private createLabelLearner(): LabelLearner {
    const network = this.createStudent();
    return new LabelLearner(
      network,
      createOptimiser(this.plan.recipe.schedule, [...network.module.trainable.values()]),
    );
  }
}
