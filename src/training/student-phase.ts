/** The student's phase: initialisation stages, then steps of all lines in lockstep, with evaluations and events. */
import type { MethodView } from '../distill/views';
import { asDistilled, isDistilled } from '../distill/schedule/early-stop';
import type { OrderState } from '../distill/material/order';
import type { Feeds } from '../distill/modalities/input-source';
import type { Network } from '../nn/network';
import { learningRateAt } from '../nn/schedules';
import { StudentBatches, type BatchesState, type BatchSetup } from './batches';
import type { RunContext } from './context';
import { refuseDiverged } from './diverged';
import { logitsOf } from './evaluate';
import type { ByLearner, Latency, Learner, RunEvent } from './events';
import { EngineReport } from './engine-report';
import { Evaluator } from './evaluator';
import { IdleLosses } from './idle-losses';
import { gradientNumbers, gradientProducts, gradientRows, type GradientSetup } from './gradient-numbers';
import { createMetaBatches, type MetaBatches } from './meta-batches';
import { readPrecision, type PrecisionReading } from './precision-view';
import { StepMetrics } from './step-metrics';
import { Throughput } from './throughput';
import type { Plan } from './plan';
import { isPlane, PlaneViews } from './plane-view';
import { PreludePhase, type PreludeState } from './prelude';
import { prepareHints, surveyPool } from './prepare-hints';
import { LiveBatch, seenRows, StepInputs } from './step-inputs';
import { Stepper, type StepValues } from './stepper';
import { StimulusAnswers, type StimulusState } from './stimulus-answers';
import { lowPrecisionOf, type LowPrecision } from './student-network';
import { studentBatch, StudentLines, type LinesState } from './student-lines';
import { describeMemory, planMemory } from './teacher-memory';
import { FrozenTeacher } from './teachers/frozen-teacher';
import type { StudentProgress, Teacher } from './teachers/teacher';
import { TeacherView } from './teacher-view';
import { hintViews, snapshot, trackedNumbers, type TrackedSetup } from './tracked-samples';

/** A part of the student's training with its own learning-rate schedule. */
interface Stage {
  /** Steps done when it began. */
  from: number;
  steps: number;
}

/** Everything that the next step depends on. Keys are stored. */
export interface StudentState {
  stepsDone: number;
  stage: Stage;
  /** The present prelude, or null. */
  prelude: PreludeState | null;
  /** Finished preludes. */
  preludesDone: number;
  lines: LinesState;
  batches: BatchesState;
  metaBatches: OrderState | null;
  /** Missing where there are no stimuli. */
  stimuli?: StimulusState;
}

/** Kinds of steps: with the weighting's update, without it, and the measurement before the first step. */
type Kind = 'learning' | 'plain' | 'opening';

/** Suffix of kinds whose teacher trace comes from the cache. */
const fromMemory = ' from memory';

const kindOf = (kind: Kind, recalls: boolean) => `${kind}${recalls ? fromMemory : ''}`;

export class StudentPhase {
  /** Steps of the student that are done. */
  stepsDone = 0;
  private readonly plan: Plan;
  private readonly context: RunContext;
  private readonly feeds: Feeds;
  private readonly lines: StudentLines;
  private readonly teacher: TeacherView | null;
  private readonly batchSetup: BatchSetup;
  private readonly batches: StudentBatches;
  private readonly metaBatches: MetaBatches;
  private readonly inputs: StepInputs;
  private readonly metaInputs: LiveBatch;
  private readonly metrics = new StepMetrics('student');
  private readonly stepper: Stepper;
  private readonly evaluator: Evaluator;
  private readonly trackedRows: Int32Array;
  /** The fixed batch on which gradients are measured; null where they are not. */
  private readonly gradientRows: Int32Array | null;
  /** For tables of two columns. */
  private readonly plane: PlaneViews | null;
  /** Null where the unlabelled images are no stimuli. */
  private readonly stimuli: StimulusAnswers | null;
  private readonly low: LowPrecision | null;
  private stage: Stage;
  private prelude: PreludePhase | null = null;
  private preludesDone = 0;
  /** Where a prelude is to go on after `restore`. */
  private preludeState: PreludeState | null = null;
  private readonly engine = new EngineReport('student');
  /** Null where the first steps are not seen. */
  private idle: IdleLosses | null;

  /** @param teacher stays owned by the run */
  constructor(plan: Plan, context: RunContext, feeds: Feeds, teacher: Teacher | null, watched: Int32Array) {
    const { recipe, material, partners } = plan;
    this.plan = plan;
    this.context = context;
    this.feeds = feeds;
    this.idle = new IdleLosses(recipe.hints, plan.hintKeys, recipe.schedule.steps);
    this.trackedRows = watched;
    this.gradientRows =
      recipe.schedule.measureGradients && material.labelled.length > 1
        ? gradientRows(material, recipe.seed, recipe.schedule.batch)
        : null;
    this.stage = { from: 0, steps: recipe.schedule.steps };
    const { batch } = recipe.schedule;
    const { shift, flip, balance } = recipe.material;
    const frozen = teacher instanceof FrozenTeacher ? teacher.networks[0] : null;
    this.lines = new StudentLines(plan, () => asDistilled(context.recipe(), this.stepsDone), frozen);
    const strongView = this.lines.hints.some((hint) => hint.strongView);
    const seen = seenRows(feeds, material.dataset.train);
    this.batchSetup = {
      material,
      seen,
      batch,
      seed: recipe.seed,
      shift,
      flip,
      strongView,
      partners,
      ...(teacher?.turns?.copies ? { copies: teacher.turns.members.length } : {}),
      ...(balance && StimulusAnswers.fit(plan) ? { shares: () => this.stimuli!.shares } : {}),
    };
    this.batches = new StudentBatches(this.batchSetup);
    this.metaBatches = createMetaBatches(plan, this.batches);
    this.lines.drop(this.batches.size);
    this.teacher = teacher && this.viewOf(teacher);
    this.stimuli =
      this.teacher && StimulusAnswers.fit(plan)
        ? new StimulusAnswers(plan, feeds.teacher, this.teacher)
        : null;
    const { width } = material.task;
    this.inputs = new StepInputs({ batch: this.batches.size, width }, seen, {
      strongView,
      partners,
    });
    this.engine.notes.push(...this.inputs.batch.notes);
    this.metaInputs = new LiveBatch({ batch: this.metaBatches.size, width }, seen.student);
    this.stepper = new Stepper(
      {
        compute: (kind) => this.compute(kind),
        inputs: () => [
          ...this.inputs.inputs,
          ...this.metaInputs.inputs,
          ...this.lines.inputs,
          ...(this.teacher?.inputs ?? []),
          ...(teacher?.learning?.inputs ?? []),
          ...(this.stimuli?.inputs ?? []),
        ],
        besides: () => [
          ...this.evaluator.passes,
          () => trackedNumbers(this.trackedSetup, 0).numbers,
          ...(this.gradientSetup ? [() => gradientProducts(this.gradientSetup!, 0)] : []),
        ],
      },
      this.metrics,
      context.unrecorded,
    );
    this.evaluator = new Evaluator(plan, feeds, this.lines.measured, this.teacher);
    this.low = lowPrecisionOf(plan);
    this.plane = isPlane(material.dataset) ? new PlaneViews(material, feeds.student, recipe.seed) : null;
  }

  async *ticks(): AsyncGenerator<RunEvent[], void, undefined> {
    const { recipe, stopRequested, takeKnobEvents } = this.context;
    const { steps, evaluateEvery } = recipe().schedule;
    await this.stimuli?.refresh(false);
    if (this.stepsDone === 0) {
      const { plan, feeds } = this;
      if (this.teacher) await surveyPool(this.lines.hints, this.teacher, { plan, feeds });
      yield* this.preludes();
    }
    const throughput = new Throughput();
    const text = this.plan.control
      ? 'The student is trained, and beside it a baseline without a teacher.'
      : 'The student is trained.';
    const begins = this.stepsDone === 0;
    if (begins) yield [{ type: 'phase', phase: 'student', steps, text }];
    yield* this.stepper.ready(this.kindsAhead, stopRequested);
    if (begins && !stopRequested()) yield await this.measure(0);
    for (let step = this.stepsDone + 1; step <= steps && !stopRequested(); step++) {
      const events = takeKnobEvents('student', step);
      if (this.stopsDistilling(step))
        events.push({
          ...{ type: 'knob', phase: 'student', step, path: 'distillation', label: 'Distillation' },
          ...{ from: 'on', to: 'off' },
        });
      if (events.length > 0) this.stepper.invalidate();
      events.push(...(await this.advanceTeacher(steps)));
      await this.stimuli?.refresh(false);
      yield* this.train(step, steps);
      this.stepsDone = step;
      const due = step % evaluateEvery === 0 || step === steps;
      if (due || throughput.readingDue || step === 1)
        events.push(
          ...(await this.flush()),
          throughput.reading(step),
          ...this.engine.news(step, this.stepper),
        );
      if (due) {
        events.push(...(await this.measure(step, events)));
        throughput.restart();
      }
      yield events;
    }
  }

  /** Whether the distillation losses are off from this step on, and were not before it. */
  private stopsDistilling(step: number): boolean {
    const recipe = this.context.recipe();
    return (
      recipe.hints.length > 0 && step > 1 && !isDistilled(recipe, step - 1) && isDistilled(recipe, step - 2)
    );
  }

  async flush(): Promise<RunEvent[]> {
    if (this.prelude) return this.prelude.flush();
    const events = await this.metrics.flush();
    refuseDiverged(events, this.context.recipe(), this.plan.hintKeys);
    return [...events, ...(this.idle?.warnings(events) ?? [])];
  }

  /** Accuracies on the whole test split, or on the live sample for a stopped run. */
  finalScores(): ReturnType<Evaluator['final']> {
    return this.evaluator.final(this.context.stopRequested());
  }

  /** What every learner puts out on the whole test split, [N*outputs] each. */
  testOutputs(): Promise<ByLearner<Float32Array>> {
    return this.evaluator.testOutputs();
  }

  /** See `Evaluator.latencies`. */
  latencies(batch: number, most: number): Promise<ByLearner<Latency>> {
    return this.evaluator.latencies(batch, most);
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
      ...(this.stimuli?.state ? { stimuli: this.stimuli.state } : {}),
    };
  }

  /** Continues from a `state` of a phase of the same plan; `ticks` starts with the step after it. */
  restore({
    stepsDone,
    stage,
    prelude,
    preludesDone,
    lines,
    batches,
    metaBatches,
    stimuli,
  }: StudentState): void {
    this.stepsDone = stepsDone;
    if (stepsDone > 0) this.idle = null;
    this.stage = stage;
    this.preludeState = prelude;
    this.preludesDone = preludesDone;
    this.lines.restore(lines);
    this.batches.restore(batches);
    this.metaBatches.restore(metaBatches);
    if (stimuli) this.stimuli?.restore(stimuli);
  }

  /** What the hints show of the watched images now (`hintViews`). */
  views(): Promise<MethodView[]> {
    return hintViews(this.trackedSetup, this.stepsDone / this.context.recipe().schedule.steps);
  }

  networkOf(learner: Learner): Network | null {
    return this.lines.all.find((entry) => entry.learner === learner)?.network ?? null;
  }

  dispose(): void {
    this.prelude?.dispose();
    this.stepper.dispose();
    this.inputs.dispose();
    this.metaInputs.dispose();
    this.metrics.dispose();
    this.stimuli?.dispose();
    this.teacher?.dispose();
    this.lines.dispose();
  }

  /** The teacher, with a cache of traces where it fits and helps. */
  private viewOf(teacher: Teacher): TeacherView {
    const { recipe, pair, outputs, facts } = this.plan;
    const visits = (facts.studentSteps + facts.preludeSteps) * this.batches.size;
    // Members that take turns are kept one by one.
    const members = teacher.turns?.members.map((name) => `more/${name}` as const) ?? [];
    const readers = [...this.lines.hints, { parts: members }];
    const memory = this.batches.augmented
      ? 'Images are shifted or mirrored anew each time, so the teacher is computed at each step.'
      : teacher.version === null
        ? 'The teacher learns along with the student, so it is computed at each step.'
        : planMemory(readers, pair.teacher, outputs, this.batches.pool, visits);
    this.engine.notes.push(typeof memory === 'string' ? memory : describeMemory(memory));
    return new TeacherView(
      teacher,
      recipe.teacher.knobs.corruption ?? 'none',
      this.batches.size,
      typeof memory === 'string' ? null : memory,
    );
  }

  private get apart(): boolean {
    return this.plan.teacher?.apart ?? false;
  }

  private compute(kind: string): StepValues {
    const { inputs, metaInputs, teacher, lines } = this;
    const recalls = kind.endsWith(fromMemory);
    const opens = kind === kindOf('opening', recalls);
    const batch = studentBatch(inputs, teacher, {
      labelled: this.batches.givenSize,
      real: this.batches.labelledSize,
      recalls,
      outputs: this.plan.outputs,
      apart: this.apart,
      leads: !opens,
    });
    if (opens) {
      lines.open(batch);
      return {};
    }
    const learns = kind === kindOf('learning', recalls);
    const meta = learns ? { inputs: metaInputs.images(), targets: metaInputs.targets } : null;
    return { ...lines.compute(batch, meta, inputs.learningRate, teacher), ...this.stimuli?.values };
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
            apart: this.apart,
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

  /** Advances the teacher between steps, which may begin a new stage. */
  private async advanceTeacher(steps: number): Promise<RunEvent[]> {
    const turn = await this.teacher?.teacher.advance?.(this.studentProgress(steps));
    if (!turn) return [];
    if (turn.stage) {
      this.stage = { from: this.stepsDone, steps: turn.stage.steps };
      if (turn.stage.resetOptimiser) this.lines.resetOptimiser();
    }
    return turn.events;
  }

  private studentProgress(steps: number): StudentProgress {
    const { material, outputs } = this.plan;
    const { source, normalisation } = this.feeds.student;
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
          normalisation,
          outputs,
        ),
    };
  }

  /** One step, with progress events while kernels compile. */
  private async *train(step: number, steps: number): AsyncGenerator<RunEvent[], void, undefined> {
    const { learningRate: highest, curve, warmup } = this.context.recipe().schedule;
    const share = (step - 1) / steps;
    const schedule = { steps, learningRate: highest, curve, warmupShare: warmup / 100 };
    const others = learningRateAt(step - 1, schedule);
    const { from, steps: staged } = this.stage;
    const student = learningRateAt(Math.min(step - 1 - from, staged - 1), { ...schedule, steps: staged });
    const { lines, stepper } = this;
    const learns = lines.hints.length > 0 && lines.weighting.learnsAt(step - 1, share);
    const batch = this.batches.next();
    const recalls =
      (await this.teacher?.prepare((batch.shown ?? batch).rows, () => this.batches.teacherImages(batch))) ??
      false;
    this.teacher?.takeTurns(step, batch.members ?? new Int32Array(batch.rows.length));
    this.inputs.write(batch, share, student);
    if (learns) this.metaInputs.write(this.metaBatches.next());
    lines.prepare(share, { student, others }, learns);
    const rate = highest > 0 ? student / highest : 0;
    prepareHints(lines.hints, this.plan, { rows: batch.rows, step, rate });
    this.teacher?.teacher.learning?.prepare(student, { step, steps });
    const kind = kindOf(learns ? 'learning' : 'plain', recalls);
    yield* stepper.ready([kind]);
    if (lines.opens) {
      await stepper.once(kindOf('opening', recalls));
      lines.opened();
    }
    await stepper.run(kind, step, student);
  }

  /** Kinds of steps to compile before the first one. */
  private get kindsAhead(): string[] {
    const { weighting, hints, opens } = this.lines;
    const { steps } = this.plan.recipe.schedule;
    const shares = Array.from({ length: steps }, (_, done) => done / steps);
    const learns = hints.length > 0 && shares.some((share, done) => weighting.learnsAt(done, share));
    const kinds: Kind[] = [
      ...(opens ? ['opening' as const] : []),
      'plain',
      ...(learns ? ['learning' as const] : []),
    ];
    const recalls = this.teacher?.alwaysRecalls ?? false;
    return kinds.map((kind) => kindOf(kind, recalls));
  }

  private get trackedSetup(): TrackedSetup {
    const { weighting, pass, measured } = this.lines;
    return {
      rows: this.trackedRows,
      material: this.plan.material,
      batches: this.batches,
      teacher: this.teacher,
      pass,
      weighting,
      hintKeys: this.plan.hintKeys,
      others: measured.filter(({ learner }) => learner !== 'student'),
    };
  }

  private get gradientSetup(): GradientSetup | null {
    return this.gradientRows && { ...this.trackedSetup, rows: this.gradientRows };
  }

  /** Of a student in low precision. */
  private async precision(): Promise<PrecisionReading | null> {
    if (!this.low) return null;
    const { network } = this.lines.pass;
    const images = this.batches.images(this.batches.of(this.trackedRows));
    try {
      return await readPrecision(this.low, network, images);
    } finally {
      images.dispose();
    }
  }

  /**
   * Evaluation and snapshot of the tracked samples after `step`.
   * @param told events of the step, whose probes it completes
   */
  private async measure(step: number, told: RunEvent[] = []): Promise<RunEvent[]> {
    const share = step / this.context.recipe().schedule.steps;
    this.lines.weighting.prepare(share, false);
    const seen = await snapshot(this.trackedSetup, step, share);
    if (step > 0) await this.stimuli?.refresh(true);
    const ofStimuli = this.stimuli?.state?.view;
    const views = [
      ...seen.views,
      ...(ofStimuli ? [ofStimuli] : []),
      ...(this.plane ? [await this.plane.view(this.evaluator.learners, seen.moves)] : []),
    ];
    const low = await this.precision();
    if (low) {
      views.unshift(low.view);
      for (const event of told)
        if (event.type === 'step' && event.step === step) Object.assign(event.values, low.probes);
    }
    const setup = this.gradientSetup;
    const evaluation = {
      ...(await this.evaluator.evaluate(step)),
      ...(setup ? { gradients: await gradientNumbers(setup, share) } : {}),
    };
    return [
      evaluation,
      { type: 'instances', snapshot: seen.instances },
      ...(views.length > 0 ? [{ type: 'views' as const, phase: 'student' as const, step, views }] : []),
    ];
  }
}
