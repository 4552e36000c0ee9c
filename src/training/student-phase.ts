/** Drives the student and the lines beside it in lockstep: batches, steps, measurements, events. */
import type { OrderState } from '../distill/material/order';
import type { Normalisation } from '../distill/material/images';
import { tf } from '../engine/tf';
import type { Network } from '../nn/network';
import { learningRateAt } from '../nn/schedules';
import { StudentBatches, type BatchesState } from './batches';
import type { RunContext } from './context';
import { refuseDiverged } from './diverged';
import type { Learner, RunEvent } from './events';
import { Examiner } from './examiner';
import { MetaBatches } from './meta-batches';
import { Meter } from './meter';
import { Pace } from './pace';
import type { Plan } from './plan';
import { LiveBatch, StepInputs } from './step-inputs';
import { Stepper } from './stepper';
import { StudentLines, type LinesState } from './student-lines';
import { TeacherView, type Corruption } from './teacher';
import { snapshot } from './watch';

/** Everything that the next step depends on, as numbers. */
export interface StudentState {
  stepsDone: number;
  lines: LinesState;
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
  private readonly lines: StudentLines;
  private readonly teacher: TeacherView | null;
  private readonly batches: StudentBatches;
  private readonly metaBatches: MetaBatches;
  private readonly inputs: StepInputs;
  private readonly metaInputs: LiveBatch;
  private readonly meter = new Meter('student');
  private readonly stepper: Stepper;
  private readonly examiner: Examiner;
  private readonly watched: Int32Array;
  /** Whether the page knows that steps cannot be recorded. */
  private told = false;

  /** @param teacher stays the run's */
  constructor(
    plan: Plan,
    context: RunContext,
    normalisation: Normalisation,
    teacher: Network | null,
    watched: Int32Array,
  ) {
    const { recipe, material, source, input: image, classes } = plan;
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
    this.lines = new StudentLines(plan, context.recipe, this.batches.pool);

    const cacheable = !this.batches.augmented && this.lines.hints.every((hint) => hint.looksAt === 'logits');
    const cacheRows = cacheable ? material.dataset.train.count : 0;
    this.teacher =
      teacher && new TeacherView(teacher, recipe.teacher.knobs['corruption'] as Corruption, cacheRows);
    this.inputs = new StepInputs(
      { batch: this.batches.size, image, classes },
      this.teacher?.remembers ?? false,
    );
    this.metaInputs = new LiveBatch({ batch: this.metaBatches.size, image, classes });
    this.stepper = new Stepper(
      {
        compute: (kind) =>
          this.lines.compute(
            this.inputs,
            this.metaInputs,
            this.teacher,
            this.batches.labelledSize,
            kind === learning,
          ),
        inputs: () => [...this.inputs.inputs, ...this.metaInputs.inputs, ...this.lines.inputs],
      },
      this.meter,
    );
    this.examiner = new Examiner(plan, normalisation, this.lines.all, this.teacher);
  }

  async *ticks(): AsyncGenerator<RunEvent[], void, undefined> {
    const { recipe, stopRequested, takeKnobEvents } = this.context;
    const { steps, evaluateEvery } = recipe().schedule;
    const pace = new Pace(steps);
    const text = this.plan.control
      ? 'The student learns, and beside it a control without a teacher.'
      : 'The student learns.';
    if (this.stepsDone === 0)
      yield [{ type: 'phase', phase: 'student', steps, text }, ...(await this.look(0))];
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

  async state(): Promise<StudentState> {
    return {
      stepsDone: this.stepsDone,
      lines: await this.lines.state(),
      batches: this.batches.state(),
      metaBatches: this.metaBatches.state(),
    };
  }

  /** Goes on where `state` was taken of a phase of the same plan; `ticks` then starts with the step after it. */
  restore({ stepsDone, lines, batches, metaBatches }: StudentState): void {
    this.stepsDone = stepsDone;
    this.lines.restore(lines);
    this.batches.restore(batches);
    this.metaBatches.restore(metaBatches);
  }

  networkOf(learner: Learner): Network | null {
    return this.lines.all.find((entry) => entry.learner === learner)?.network ?? null;
  }

  dispose(): void {
    this.stepper.dispose();
    this.inputs.dispose();
    this.metaInputs.dispose();
    this.meter.dispose();
    this.lines.dispose();
  }

  private async train(step: number, steps: number): Promise<void> {
    const { learningRate: highest, curve, warmup } = this.context.recipe().schedule;
    const share = (step - 1) / steps;
    const schedule = { steps, learningRate: highest, curve, warmupShare: warmup / 100 };
    const learningRate = learningRateAt(step - 1, schedule);
    const batch = this.batches.next();
    const answers = await this.teacher?.remembered(batch.trainRows, () =>
      tf.tensor4d(batch.images, [batch.rows.length, ...this.plan.input]),
    );
    const learns = this.lines.hints.length > 0 && this.lines.weighting.learnsAt(step - 1, share);
    this.inputs.write(batch, answers ?? null, share, learningRate);
    if (learns) this.metaInputs.write(this.metaBatches.next());
    this.lines.prepare(share, learningRate, learns);
    await this.stepper.run(learns ? learning : plain, step, learningRate);
  }

  /** Accuracy and the watched images, as they are after `step`. */
  private async look(step: number): Promise<RunEvent[]> {
    const share = step / this.context.recipe().schedule.steps;
    const { weighting, pass, all } = this.lines;
    weighting.prepare(share, false);
    const seen = await snapshot(
      {
        rows: this.watched,
        material: this.plan.material,
        batches: this.batches,
        teacher: this.teacher,
        pass,
        weighting,
        hintKeys: this.plan.hintKeys,
        others: all.filter(({ learner }) => learner !== 'student'),
      },
      step,
      share,
    );
    return [await this.examiner.evaluate(step), { type: 'instances', snapshot: seen }];
  }
}
