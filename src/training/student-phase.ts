/** Drives the student and the lines beside it in lockstep: preludes, batches, steps, measurements, events. */
import type { OrderState } from '../distill/material/order';
import type { Normalisation } from '../distill/material/images';
import { tf } from '../engine/tf';
import type { Network } from '../nn/network';
import { learningRateAt } from '../nn/schedules';
import { RandomStream } from '../random/streams';
import { StudentBatches, type BatchesState, type BatchSetup } from './batches';
import type { RunContext } from './context';
import { refuseDiverged } from './diverged';
import { logitsOf } from './evaluate';
import type { Learner, RunEvent } from './events';
import { Examiner } from './examiner';
import { MetaBatches } from './meta-batches';
import { Meter } from './meter';
import { Pace } from './pace';
import type { Plan } from './plan';
import { PreludePhase, type PreludeState } from './prelude';
import { LiveBatch, StepInputs } from './step-inputs';
import { Stepper } from './stepper';
import { StudentLines, type LinesState } from './student-lines';
import { FrozenTeacher } from './teachers/frozen';
import type { Moment, Teacher } from './teachers/teacher';
import { TeacherView, type Corruption } from './teacher-view';
import { snapshot } from './watch';

/** A stretch of the student's training with a learning-rate curve of its own. */
interface Stage {
  /** Steps done when it began. */
  from: number;
  steps: number;
}

/** Everything that the next step depends on, as numbers. */
export interface StudentState {
  stepsDone: number;
  stage: Stage;
  /** The prelude under way, or null when none is. */
  prelude: PreludeState | null;
  /** Preludes that are done. */
  preludesDone: number;
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
  private readonly normalisation: Normalisation;
  private readonly lines: StudentLines;
  private readonly teacher: TeacherView | null;
  private readonly batchSetup: BatchSetup;
  private readonly batches: StudentBatches;
  private readonly metaBatches: MetaBatches;
  private readonly inputs: StepInputs;
  private readonly metaInputs: LiveBatch;
  private readonly meter = new Meter('student');
  private readonly stepper: Stepper;
  private readonly examiner: Examiner;
  private readonly watched: Int32Array;
  private stage: Stage;
  private prelude: PreludePhase | null = null;
  private preludesDone = 0;
  /** Where a prelude is to go on after `restore`. */
  private preludeState: PreludeState | null = null;
  /** Whether the page knows that steps cannot be recorded. */
  private told = false;

  /** @param teacher stays the run's */
  constructor(
    plan: Plan,
    context: RunContext,
    normalisation: Normalisation,
    teacher: Teacher | null,
    watched: Int32Array,
  ) {
    const { recipe, material, source, input: image, classes } = plan;
    this.plan = plan;
    this.context = context;
    this.normalisation = normalisation;
    this.watched = watched;
    this.stage = { from: 0, steps: recipe.schedule.steps };
    const { batch } = recipe.schedule;
    const { shift, flip } = recipe.material;
    const frozen = teacher instanceof FrozenTeacher ? teacher.networks[0] : null;
    this.metaBatches = new MetaBatches(plan, normalisation);
    this.lines = new StudentLines(plan, context.recipe, frozen);
    const strongView = this.lines.hints.some((hint) => hint.strongView);
    this.batchSetup = {
      material,
      source,
      normalisation,
      batch,
      seed: recipe.seed,
      shift,
      flip,
      strongView,
    };
    this.batches = new StudentBatches(this.batchSetup);

    const cacheable = !this.batches.augmented && this.lines.hints.every((hint) => hint.looksAt === 'logits');
    const cacheRows = cacheable ? material.dataset.train.count : 0;
    this.teacher =
      teacher && new TeacherView(teacher, recipe.teacher.knobs['corruption'] as Corruption, cacheRows);
    this.inputs = new StepInputs(
      { batch: this.batches.size, image, classes },
      { remembersAnswers: this.teacher?.remembers ?? false, strongView },
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
        inputs: () => [
          ...this.inputs.inputs,
          ...this.metaInputs.inputs,
          ...this.lines.inputs,
          ...(teacher?.learning?.inputs ?? []),
        ],
      },
      this.meter,
    );
    this.examiner = new Examiner(plan, normalisation, this.lines.all, this.teacher);
  }

  async *ticks(): AsyncGenerator<RunEvent[], void, undefined> {
    const { recipe, stopRequested, takeKnobEvents } = this.context;
    const { steps, evaluateEvery } = recipe().schedule;
    if (this.stepsDone === 0) yield* this.preludes();
    const pace = new Pace(steps);
    const text = this.plan.control
      ? 'The student learns, and beside it a control without a teacher.'
      : 'The student learns.';
    if (this.stepsDone === 0)
      yield [{ type: 'phase', phase: 'student', steps, text }, ...(await this.look(0))];
    for (let step = this.stepsDone + 1; step <= steps && !stopRequested(); step++) {
      const events = takeKnobEvents('student', step);
      if (events.length > 0) this.stepper.invalidate();
      events.push(...(await this.turnTeacher(steps)));
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
    if (this.prelude) return this.prelude.flush();
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
      stage: this.stage,
      prelude: (await this.prelude?.state()) ?? null,
      preludesDone: this.preludesDone,
      lines: await this.lines.state(),
      batches: this.batches.state(),
      metaBatches: this.metaBatches.state(),
    };
  }

  /** Goes on where `state` was taken of a phase of the same plan; `ticks` then starts with the step after it. */
  restore({ stepsDone, stage, prelude, preludesDone, lines, batches, metaBatches }: StudentState): void {
    this.stepsDone = stepsDone;
    this.stage = stage;
    this.preludeState = prelude;
    this.preludesDone = preludesDone;
    this.lines.restore(lines);
    this.batches.restore(batches);
    this.metaBatches.restore(metaBatches);
  }

  networkOf(learner: Learner): Network | null {
    return this.lines.all.find((entry) => entry.learner === learner)?.network ?? null;
  }

  dispose(): void {
    this.prelude?.dispose();
    this.stepper.dispose();
    this.inputs.dispose();
    this.metaInputs.dispose();
    this.meter.dispose();
    this.lines.dispose();
  }

  private async *preludes(): AsyncGenerator<RunEvent[], void, undefined> {
    const { preludes, hintKeys } = this.plan;
    const total = preludes.reduce((sum, steps) => sum + steps, 0);
    for (let index = this.preludesDone; index < preludes.length; index++) {
      const hint = this.lines.hints[index]!;
      const steps = preludes[index]!;
      if (hint.prelude && steps > 0 && !this.context.stopRequested()) {
        this.prelude = new PreludePhase(
          {
            index,
            prelude: hint.prelude,
            key: hintKeys[index]!,
            steps,
            before: preludes.slice(0, index).reduce((sum, earlier) => sum + earlier, 0),
            total,
            pass: this.lines.pass,
            inputs: this.inputs,
            teacher: this.teacher,
            batches: this.batchSetup,
          },
          this.context,
        );
        if (this.preludeState?.hint === index) this.prelude.restore(this.preludeState);
        this.preludeState = null;
        yield* this.prelude.ticks();
        this.prelude.dispose();
        this.prelude = null;
      }
      this.preludesDone = index + 1;
    }
  }

  /** Lets the teacher change between steps; a new stage may come with it. */
  private async turnTeacher(steps: number): Promise<RunEvent[]> {
    const turn = await this.teacher?.teacher.turn?.(this.moment(steps));
    if (!turn) return [];
    if (turn.stage) {
      this.stage = { from: this.stepsDone, steps: turn.stage.steps };
      if (turn.stage.resetOptimiser) this.lines.resetOptimiser();
    }
    return turn.events;
  }

  private moment(steps: number): Moment {
    const { source, material, classes } = this.plan;
    const { network } = this.lines.pass;
    return {
      step: this.stepsDone,
      steps,
      studentLogits: (split, rows) =>
        logitsOf(
          (images) => network.forward(images, { training: false }).logits,
          source,
          material.dataset[split],
          rows,
          this.normalisation,
          classes,
        ),
    };
  }

  private async train(step: number, steps: number): Promise<void> {
    const { learningRate: highest, curve, warmup } = this.context.recipe().schedule;
    const { seed } = this.plan.recipe;
    const share = (step - 1) / steps;
    const schedule = { steps, learningRate: highest, curve, warmupShare: warmup / 100 };
    const others = learningRateAt(step - 1, schedule);
    const { from, steps: staged } = this.stage;
    const student = learningRateAt(Math.min(step - 1 - from, staged - 1), { ...schedule, steps: staged });
    const batch = this.batches.next();
    const answers = await this.teacher?.remembered(batch.trainRows, () =>
      tf.tensor4d(batch.images, [batch.rows.length, ...this.plan.input]),
    );
    const learns = this.lines.hints.length > 0 && this.lines.weighting.learnsAt(step - 1, share);
    this.inputs.write(batch, answers ?? null, share, student);
    if (learns) this.metaInputs.write(this.metaBatches.next());
    this.lines.prepare(share, { student, others }, learns);
    this.lines.hints.forEach((hint, h) =>
      hint.prepare?.({
        rows: batch.rows,
        step,
        random: RandomStream.fork(seed, `hint/${this.plan.hintKeys[h]}/${step}`),
      }),
    );
    this.teacher?.teacher.learning?.prepare(student);
    await this.stepper.run(learns ? learning : plain, step, student);
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
    return [
      await this.examiner.evaluate(step),
      { type: 'instances', snapshot: seen.instances },
      ...(seen.views.length > 0
        ? [{ type: 'views' as const, phase: 'student' as const, step, views: seen.views }]
        : []),
    ];
  }
}
