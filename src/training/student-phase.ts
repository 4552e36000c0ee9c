/** The student, its control and the hard-answers line, trained in lockstep on the same batches. */
import type { Hint } from '../distill/hints/hint';
import { Balance } from '../distill/weighting/balance';
import type { Weighting } from '../distill/weighting/weighting';
import type { Normalisation } from '../distill/material/images';
import { tf, type Tensor2D, type Tensor4D } from '../engine/tf';
import { Network, type Trace } from '../nn/network';
import type { Optimiser } from '../nn/optimisers';
import { learningRateAt } from '../nn/schedules';
import { RandomStream } from '../random/streams';
import { disposeBatch, StudentBatches, type Batch } from './batches';
import { refuseDiverged } from './diverged';
import { Examiner } from './examiner';
import type { Learner, RunEvent } from './events';
import { applySchedule, createOptimiser, LabelLearner } from './learner';
import { Meter } from './meter';
import { Pace } from './pace';
import { createHints, createWeighting } from './parts';
import type { Plan } from './plan';
import type { RunContext } from './context';
import { MetaBatches } from './meta-batches';
import { StudentPass } from './student-pass';
import { StudentStep } from './student-step';
import { disposeTrace, TeacherView, type Corruption } from './teacher';
import { snapshot } from './watch';

export class StudentPhase {
  /** Steps of the student that are done. */
  stepsDone = 0;
  private readonly plan: Plan;
  private readonly context: RunContext;
  private readonly student: Network;
  private readonly optimiser: Optimiser;
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
  private readonly meter = new Meter('student');
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
    this.examiner = new Examiner(plan, normalisation, this.learners(), this.teacher);
  }

  async *ticks(): AsyncGenerator<RunEvent[], void, undefined> {
    const { recipe, stopRequested, takeKnobEvents } = this.context;
    const { steps, evaluateEvery } = recipe().schedule;
    const pace = new Pace(steps);
    const lines = this.control
      ? 'The student learns, and beside it a control without a teacher.'
      : 'The student learns.';
    yield [{ type: 'phase', phase: 'student', steps, text: lines }, ...(await this.look(0))];
    for (let step = 1; step <= steps && !stopRequested(); step++) {
      await this.train(step, steps);
      this.stepsDone = step;
      const events = takeKnobEvents('student', step);
      const due = step % evaluateEvery === 0 || step === steps;
      if (due || pace.readingDue) events.push(...(await this.flush()), pace.reading(step));
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

  networkOf(learner: Learner): Network | null {
    return this.learners().find((entry) => entry.learner === learner)?.network ?? null;
  }

  dispose(): void {
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
    const learningRate = learningRateAt(step - 1, {
      steps,
      learningRate: schedule.learningRate,
      curve: schedule.curve,
      warmupShare: schedule.warmup / 100,
    });
    const batch = this.batches.next();
    const trace = this.teacher ? await this.teacher.trace(batch.trainRows, batch.images) : null;
    for (const optimiser of [this.optimiser, this.control?.optimiser, this.hard?.optimiser])
      if (optimiser) applySchedule(optimiser, schedule);
    tf.tidy(() => {
      const values = this.step.run({ ...batch, teacher: trace }, () => this.metaBatches.next(), {
        step: step - 1,
        share: (step - 1) / steps,
        learningRate,
      });
      if (this.control) values['control'] = this.trainControl(this.control, batch, learningRate);
      if (this.hard && trace) values['hard answers'] = this.trainHard(this.hard, batch, trace, learningRate);
      this.meter.record(step, learningRate, values);
    });
    disposeBatch(batch);
    if (trace) disposeTrace(trace);
  }

  /** The control sees the labelled images of the batch: it can make nothing of the others. */
  private trainControl(
    control: LabelLearner,
    { images, oneHot, labelled }: Batch,
    learningRate: number,
  ): tf.Scalar {
    const [total, ...size] = images.shape;
    const part =
      labelled === total
        ? { images, oneHot }
        : {
            images: tf.slice(images, [0, 0, 0, 0], [labelled, ...size]) as Tensor4D,
            oneHot: tf.slice(oneHot, [0, 0], [labelled, -1]) as Tensor2D,
          };
    return control.step(part.images, part.oneHot, labelled, learningRate);
  }

  /** The same weights as the distilled student's, with the teacher's top class in place of its soft answer. */
  private trainHard(hard: LabelLearner, batch: Batch, { logits }: Trace, learningRate: number): tf.Scalar {
    const { objective, hints } = this.context.recipe();
    const weight = hints.find(({ id }) => id === 'kd')?.weight ?? 1;
    const targets = tf.cast(tf.oneHot(tf.argMax(logits, -1), this.plan.classes), 'float32') as Tensor2D;
    return hard.step(batch.images, batch.oneHot, batch.labelled, learningRate, {
      labelWeight: objective.ceWeight,
      extra: { targets, weight },
    });
  }

  /** Accuracy and the watched images, as they are after `step`. */
  private async look(step: number): Promise<RunEvent[]> {
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
      step / this.context.recipe().schedule.steps,
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
