/** The student's phase: initialisation stages, then steps of all lines in lockstep, with evaluations and events. */
import { showsStrongView } from '../distill/recipe';
import type { MethodView } from '../distill/views';
import { asDistilled, isDistilled } from '../distill/schedule/early-stop';
import { poolOf } from '../distill/material/batch-split';
import type { OrderState } from '../distill/material/order';
import type { Feeds } from '../distill/modalities/input-source';
import type { Network } from '../nn/network';
import { learningRateAt } from '../nn/schedules';
import { StudentBatches, type BatchesState, type BatchSetup } from './batches';
import { weakTeacherWarning } from './chance';
import type { RunContext } from './context';
import { refuseDiverged } from './diverged';
import { logitsOf } from './evaluate';
import type { ByLearner, Latency, Learner, RunEvent } from './events';
import { EngineReport } from './engine-report';
import type { Evaluator } from './evaluator';
import { IdleLosses } from './idle-losses';
import { createMetaBatches, type MetaBatches } from './meta-batches';
import { StepMetrics } from './step-metrics';
import { Throughput } from './throughput';
import type { Plan } from './plan';
import { Preludes, type PreludesState } from './preludes';
import { prepareHints, surveyPool } from './prepare-hints';
import { LiveBatch, seenRows, StepInputs } from './step-inputs';
import { Stepper, type StepValues } from './stepper';
import { StimulusAnswers, type StimulusState } from './stimulus-answers';
import type { StoppedState } from './stopped-state';
import { StudentMeasures } from './student-measures';
import { studentBatch, StudentLines, type LinesState } from './student-lines';
import { describeMemory, planMemory, planRecorded } from './teacher-memory';
import { FrozenTeacher } from './teachers/frozen-teacher';
import type { StudentProgress, Teacher } from './teachers/teacher';
import { TeacherView } from './teacher-view';
import type { AskedOn } from './trace-tables';

/** A part of the student's training with its own learning-rate schedule. */
interface Stage {
  /** Steps done when it began. */
  from: number;
  steps: number;
}

/** Everything that the next step depends on. Keys are stored. */
export interface StudentState extends PreludesState {
  stepsDone: number;
  stage: Stage;
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
  private readonly measures: StudentMeasures;
  /** Null where the unlabelled images are no stimuli. */
  private readonly stimuli: StimulusAnswers | null;
  private readonly preludes: Preludes;
  private stage: Stage;
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
    this.stage = { from: 0, steps: recipe.schedule.steps };
    const { batch } = recipe.schedule;
    const { shift, flip, balance } = recipe.material;
    const frozen = teacher instanceof FrozenTeacher ? teacher.networks[0] : null;
    this.lines = new StudentLines(plan, () => asDistilled(context.recipe(), this.stepsDone), frozen);
    const strongView = showsStrongView(recipe.hints);
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
        besides: () => this.measures.passes,
      },
      this.metrics,
      context.unrecorded,
    );
    const { lines, batches, stimuli } = this;
    this.measures = new StudentMeasures(plan, feeds, {
      ...{ lines, batches, stimuli, watched },
      teacher: this.teacher,
    });
    const { batchSetup, inputs, apart } = this;
    this.preludes = new Preludes(plan, context, {
      ...{ pass: lines.pass, teacher: this.teacher },
      ...{ batches: batchSetup, inputs, apart },
    });
  }

  async *ticks(): AsyncGenerator<RunEvent[], void, undefined> {
    const { recipe, stopRequested, takeKnobEvents } = this.context;
    const { steps, evaluateEvery } = recipe().schedule;
    await this.stimuli?.refresh(false);
    if (this.stepsDone === 0) {
      const { plan, feeds } = this;
      if (this.teacher) await surveyPool(this.lines.hints, this.teacher, { plan, feeds });
      yield* this.preludes.ticks();
    }
    const throughput = new Throughput();
    const text = this.plan.control
      ? 'The student is trained, and beside it a baseline without a teacher.'
      : 'The student is trained.';
    const begins = this.stepsDone === 0;
    if (begins) yield [{ type: 'phase', phase: 'student', steps, text }];
    yield* this.stepper.ready(this.kindsAhead, stopRequested);
    if (begins && !stopRequested()) {
      const first = await this.measure(0);
      const teacher = this.teacher?.teacher;
      const stands = teacher && teacher.version !== null && !teacher.advance;
      yield [...first, ...(stands ? weakTeacherWarning(this.plan, first) : [])];
    }
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
    if (this.preludes.present) return this.preludes.present.flush();
    const events = await this.metrics.flush();
    refuseDiverged(events, this.context.recipe(), this.plan.hintKeys);
    return [...events, ...(this.idle?.warnings(events) ?? [])];
  }

  /** Accuracies on the whole test split, or on the live sample for a stopped run. */
  finalScores(): ReturnType<Evaluator['final']> {
    return this.measures.evaluator.final(this.context.stopRequested());
  }

  /** What every learner puts out on the whole test split, [N*outputs] each. */
  testOutputs(): Promise<ByLearner<Float32Array>> {
    return this.measures.evaluator.testOutputs();
  }

  /** See `Evaluator.latencies`. */
  latencies(batch: number, most: number): Promise<ByLearner<Latency>> {
    return this.measures.evaluator.latencies(batch, most);
  }

  async state(): Promise<StudentState> {
    return {
      stepsDone: this.stepsDone,
      stage: this.stage,
      ...(await this.preludes.state()),
      lines: await this.lines.state(),
      batches: this.batches.state(),
      metaBatches: this.metaBatches.state(),
      ...(this.stimuli?.state ? { stimuli: this.stimuli.state } : {}),
    };
  }

  /** Where it stands, for programs that go on from there; a sentence where they cannot. Between two steps. */
  async leaves(): Promise<StoppedState | { why: string }> {
    if (this.stepsDone === 0) return { why: 'The run was stopped before the student’s first step.' };
    return {
      done: this.stepsDone,
      batch: this.batches.size,
      stage: this.stage,
      batches: this.batches.leaves(),
      balanced: this.stimuli?.shares ? this.stimuli.state!.top : null,
      meta: this.metaBatches.state(),
      ...(await this.lines.leaves()),
      teacher: (await this.teacher?.teacher.leavingSlots?.()) ?? {},
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
    this.preludes.restore({ prelude, preludesDone });
    this.lines.restore(lines);
    this.batches.restore(batches);
    this.metaBatches.restore(metaBatches);
    if (stimuli) this.stimuli?.restore(stimuli);
  }

  /** What the hints show of the watched images now (`hintViews`). */
  views(): Promise<MethodView[]> {
    return this.measures.hintViews(this.stepsDone / this.context.recipe().schedule.steps);
  }

  networkOf(learner: Learner): Network | null {
    return this.lines.all.find((entry) => entry.learner === learner)?.network ?? null;
  }

  dispose(): void {
    this.preludes.dispose();
    this.stepper.dispose();
    this.inputs.dispose();
    this.metaInputs.dispose();
    this.metrics.dispose();
    this.measures.dispose();
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
    const memory = teacher.recorded
      ? planRecorded(readers, pair.teacher, outputs, this.batches.pool)
      : this.batches.augmented
        ? 'Images are shifted or mirrored anew each time, so the teacher is computed at each step.'
        : teacher.version === null
          ? 'The teacher learns along with the student, so it is computed at each step.'
          : planMemory(readers, pair.teacher, outputs, this.batches.pool, visits);
    if (!teacher.recorded)
      this.engine.notes.push(typeof memory === 'string' ? memory : describeMemory(memory));
    return new TeacherView(
      teacher,
      recipe.teacher.knobs.corruption ?? 'none',
      this.batches.size,
      typeof memory === 'string' ? null : memory,
      poolOf(this.plan.material),
      this.context.traces && { tables: this.context.traces, on: this.askedOn },
    );
  }

  /** On what the teacher is asked at the steps. */
  private get askedOn(): AskedOn {
    const { source, normalisation } = this.feeds.teacher;
    const { train } = this.plan.material.dataset;
    const shown = JSON.stringify([source.view, normalisation, this.batches.size]);
    return { column: train.inputs[source.view.input]!, rows: train.count, shown };
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

  /** Evaluation and snapshot of the tracked samples after `step`; see `StudentMeasures.measure`. */
  private measure(step: number, told: RunEvent[] = []): Promise<RunEvent[]> {
    return this.measures.measure(step, step / this.context.recipe().schedule.steps, told);
  }
}
