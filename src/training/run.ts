/** One execution of a recipe: an async generator of events whose consumer sets the pace. */
import { targetsOf, type Dataset } from '../data/dataset';
import { hintAbouts } from '../distill/hints/abouts';
import { knobProblem, type Knobs, type KnobValue, type KnobValues } from '../distill/knobs';
import { knobAt, valueAt, withValue, type HintEntry, type Recipe } from '../distill/recipe';
import type { MethodView } from '../distill/views';
import { withResolvedWeights, type ResolvedRecipe } from '../distill/hints/weights';
import { inputSourceOf, type Feeds } from '../distill/modalities/input-source';
import { inputViews, plainView } from '../distill/modalities/input-view';
import { isForeignModel } from '../distill/teachers/single/about';
import { kernelVersions, type BackendFacts } from '../engine/backend-names';
import { deviceCanBeLost, deviceIsLost } from '../engine/device-care';
import { deviceLimits } from '../engine/device-limits';
import { keepMapsInHalf } from '../engine/half-maps';
import type { ImportedFiles, SetSources } from './asset-readers';
import { moveEvents, nextStep } from './backend-move';
import type { RunContext } from './context';
import type { Latencies, Learner, Phase, RunEvent, SetAnswers, TestPredictions } from './events';
import type { LogitsFn } from './evaluate';
import { answeringTeacher, setAnswers } from './set-answers';
import { factsOf, refuseHalfMaps } from './run-factories';
import type { NamedArray } from '../nn/layouts';
import { damagedCheckpoint, failureEvent, RunFailure } from './failure';
import type { ExportBundle } from './export-bundle';
import { latencyBatch, latencySamples } from './latency';
import { buildExportBundle } from './build-export-bundle';
import { withOtherImages } from './other-images';
import { withPictures } from './generation/fill';
import { Generation, type Generated } from './generation/generation';
import { feedsOf, planRun, type Plan } from './plan';
import { checkpointVersion, EventCursor, type Checkpoint } from './checkpoint';
import type { KeptTeachers } from './shared-teacher';
import { StudentPhase } from './student-phase';
import { TeacherStage } from './teacher-stage';
import { teacherKinds } from './teachers/teacher-kinds';
import type { Teacher, TeacherSetup } from './teachers/teacher';
import type { TraceTables } from './trace-tables';
import { trackedRows, trackedSamples } from './tracked-samples';
import { lineFile, teacherFile } from './write-weights';
import { sentenceOf } from '../limits/texts';

/** Milliseconds between checkpoints in memory: what a lost device may cost. */
const saveInterval = 3000;
/** After so many lost devices the run fails. */
const mostRecoveries = 3;
/** Milliseconds that a median of latencies may take at the end of a run. */
const briefly = 1000;
const again = ['', ' a second time', ' a third time'];

export interface RunHelp extends SetSources {
  /** Files of imported teachers, by their checksum. */
  importedFiles?: ImportedFiles;
  /** Teachers that other runs have trained; without it each run trains its own. */
  keptTeachers?: () => KeptTeachers;
  /** What teachers have said in former runs; without it each run asks its own. */
  traces?: TraceTables;
  /** The present backend; without it a move to another one is not emitted. */
  backend?: BackendFacts;
  /** Loads a working backend after a lost device; without it the run fails then. */
  renewBackend?: () => Promise<BackendFacts>;
  /** False runs all steps op by op, to compare with recorded ones. */
  records?: boolean;
  /**
   * Whether latencies are measured at the end, as far as that takes a second or two. Nothing else may be computing then.
   */
  measuresLatency?: boolean;
}

function whyUnrecorded({ teacher }: Recipe, { records = true }: RunHelp): string | null {
  if (!records) return 'Recording of steps is switched off for this run.';
  if (isForeignModel(teacher))
    return 'The teacher is an imported model. It may read numbers between its ops, which cannot be recorded, so steps run op by op, which is slower.';
  return null;
}

export class Run {
  /** As given: a weight may be the word for the published one. */
  private recipe: Recipe;
  private readonly dataset: Dataset;
  private readonly help: RunHelp;
  private readonly context: RunContext;
  private stopping = false;
  private turned: { path: string; label: string; from: KnobValue; to: KnobValue }[] = [];
  private teaching: TeacherStage | null = null;
  private generation: Generation | null = null;
  /** Generated pictures, once they are there. */
  private generated: Generated | null = null;
  private students: StudentPhase | null = null;
  /** Once they are known. */
  private prepared: { plan: Plan; feeds: Feeds } | null = null;
  private readonly cursor: EventCursor;
  /** The last checkpoint, in CPU memory. */
  private saved: Checkpoint | null;
  /** The recipe with its weights as numbers. */
  private resolved: ResolvedRecipe;
  private savedAt = 0;
  /** A knob was changed: earlier steps must not be repeated with its new value. */
  private checkpointDue = false;
  private readonly startedAt: number;
  /** Seconds from the start until the teacher was there; null before that. */
  private teacherSeconds: number | null;
  private backend: BackendFacts | null;
  /** A checkpoint from a file may be damaged unnoticed; the first step of this phase shows that it is not. */
  private unverified: Phase | null;

  /** @param from checkpoint of a run on the same data set, to continue from; its recipe takes precedence */
  constructor(recipe: Recipe, dataset: Dataset, help: RunHelp, from: Checkpoint | null = null) {
    this.recipe = from?.recipe ?? recipe;
    this.dataset = dataset;
    this.resolved = this.withWeights();
    this.help = help;
    this.backend = help.backend ?? null;
    this.saved = from;
    this.unverified = from && (from.students ? 'student' : 'teacher');
    this.cursor = new EventCursor(from?.told);
    this.startedAt = performance.now() - 1000 * (from?.seconds ?? 0);
    this.teacherSeconds = from?.teacherSeconds ?? null;
    this.context = {
      recipe: () => this.resolved,
      stopRequested: () => this.stopping,
      unrecorded: whyUnrecorded(this.recipe, help),
      traces: help.traces ?? null,
      takeKnobEvents: (phase, step) => this.takeKnobEvents(phase, step),
    };
  }

  /**
   * Changes a live knob from the next step on.
   * @returns a sentence when the knob cannot be changed now, else null
   */
  turn(path: string, value: KnobValue): string | null {
    const knob = knobAt(this.recipe, path);
    if (!knob?.live)
      return `${knob?.label ?? path} cannot be changed during a run; it takes effect with the next start.`;
    const problem = knobProblem(knob, value);
    if (problem) return `${knob.label} ${problem}.`;
    const from = valueAt(this.recipe, path)!;
    if (from === value) return null;
    this.recipe = withValue(this.recipe, path, value);
    this.resolved = this.withWeights();
    this.turned.push({ path, label: knob.label, from, to: value });
    this.checkpointDue = true;
    return null;
  }

  /** Ends the run after the present step, with a last evaluation. */
  requestStop(): void {
    this.stopping = true;
  }

  /** Reads back the metrics of the last steps, for a consumer that pauses between ticks. */
  async flush(): Promise<RunEvent[]> {
    return this.emitted((await (this.students ?? this.generation ?? this.teaching)?.flush()) ?? []);
  }

  /**
   * Everything that the next step depends on, so that `new Run(…, checkpoint)` continues with the same numbers. Call between
   * ticks, after `flush`: metrics that are not read back are lost.
   */
  async checkpoint(): Promise<Checkpoint> {
    const state: Checkpoint = {
      version: checkpointVersion,
      recipe: this.recipe,
      ...((await this.teaching?.state()) ?? { making: null, teacher: null }),
      ...(this.teacherSeconds === null ? {} : { teacherSeconds: this.teacherSeconds }),
      ...(this.generation ? { generating: await this.generation.state() } : {}),
      ...(this.generated ? { generated: this.generated } : {}),
      students: (await this.students?.state()) ?? null,
      told: { ...this.cursor.upTo },
      seconds: (performance.now() - this.startedAt) / 1000,
      ...(this.backend && { kernels: kernelVersions[this.backend.name] }),
    };
    // A checkpoint for the storage also serves for a lost device.
    if (this.keepsCheckpoints) {
      this.saved = state;
      this.checkpointDue = false;
      this.savedAt = performance.now();
    }
    return state;
  }

  /** Events, one element per training step and some for set-up. Never throws. */
  async *ticks(): AsyncGenerator<RunEvent[], void, undefined> {
    /** Emitted with the next tick: between a lost device and that tick no checkpoint can be taken. */
    const due: RunEvent[] = [];
    try {
      const { recipe, dataset, help } = this;
      const plan = planRun(recipe, await withOtherImages(dataset, recipe, help));
      const { source, teaching } = plan;
      const size = Math.max(source.size, teaching.source.size);
      const rows = trackedRows(plan.material, this.recipe.seed, size);
      yield [
        {
          type: 'started',
          recipe: this.recipe,
          facts: factsOf(plan, this.saved ? null : deviceLimits()),
          watched: trackedSamples(plan, rows),
          hintKeys: plan.hintKeys,
        },
      ];
      for (let recoveries = 0; ; recoveries++) {
        try {
          for await (const tick of this.carryOut(plan, rows)) yield [...due.splice(0), ...tick];
          return;
        } catch (error) {
          if (recoveries === mostRecoveries || !this.help.renewBackend || !(await deviceIsLost()))
            throw error;
          due.push(...(await this.recover(plan, this.help.renewBackend, again[recoveries]!)));
        }
      }
    } catch (error) {
      const phase: Phase = this.students ? 'student' : this.generation ? 'generator' : 'teacher';
      const cause =
        this.unverified && !(error instanceof RunFailure) ? damagedCheckpoint(this.stepsDone) : error;
      yield [...due, ...(await this.flushSafely()), failureEvent(cause, phase, this.stepsDone)];
    } finally {
      this.teaching?.release();
    }
  }

  /**
   * What the hints show of the tracked samples with these knobs of theirs, whatever the run's are; between ticks only.
   * No step is made and nothing is told. Null before the student's phase, or where the hints are others.
   */
  async views(hints: Recipe['hints']): Promise<MethodView[] | null> {
    const own = this.resolved;
    if (!this.students || own.hints.map(({ id }) => id).join() !== hints.map(({ id }) => id).join())
      return null;
    let views: Promise<MethodView[]>;
    // All ops are issued before this returns, so that the run's own knobs are back for whatever comes next.
    this.resolved = {
      ...own,
      hints: own.hints.map((entry, h) => ({ ...entry, knobs: { ...entry.knobs, ...liveOf(hints[h]!) } })),
    };
    try {
      views = this.students.views();
    } finally {
      this.resolved = own;
    }
    return views;
  }

  /** Weights of one learner as a safetensors file under PyTorch's names (see `weightsFile`), or null when there are none. */
  async weights(learner: Learner): Promise<Uint8Array | null> {
    if (!this.prepared) return null;
    const { plan } = this.prepared;
    if (learner === 'teacher') return this.teacher && teacherFile(plan, await this.teacher.state());
    const own = this.students?.networkOf(learner);
    return own ? lineFile(plan, learner, await own.module.exportState()) : null;
  }

  /**
   * The export bundle, or null before the student's phase. Its knobs are those of now.
   * @param options `weights`: to export in place of the student's present ones; `rests`: no step runs, and none begins before
   *   this ends, so that the run can go on elsewhere from where it stands
   */
  async exportBundle({
    weights = null,
    rests = false,
  }: { weights?: NamedArray[] | null; rests?: boolean } = {}): Promise<ExportBundle | null> {
    const student = this.students?.networkOf('student');
    if (!this.prepared || !this.students || !student) return null;
    const { feeds } = this.prepared;
    const plan = { ...this.prepared.plan, recipe: this.resolved };
    const isUnderWay = this.stepsDone < this.resolved.schedule.steps;
    const stopped = rests && !weights && isUnderWay ? await this.students.leaves() : null;
    return buildExportBundle({ plan, feeds, teacher: this.teacher, student, weights, stopped });
  }

  /**
   * How long the networks take to answer; while no step runs and nothing else is computing. Null before the student's
   * phase.
   * @param batch instances of the batch
   * @param most milliseconds that a median may take to measure
   */
  async latencies(batch: number, most: number): Promise<Latencies | null> {
    if (!this.students || !this.backend) return null;
    const { name: backend, device } = this.backend;
    const networks = await this.students.latencies(batch, most);
    return { backend, device, batch, repeats: latencySamples, at: Date.now(), networks };
  }

  /** The test split with what every learner puts out; null before the student's phase. Between ticks only. */
  async testPredictions(): Promise<TestPredictions | null> {
    if (!this.prepared || !this.students) return null;
    const { material, outputs } = this.prepared.plan;
    const { values, width } = targetsOf(material.dataset.test);
    return {
      targets: Float64Array.from(values),
      width,
      outputs,
      scale: material.task.scale,
      byLearner: await this.students.testOutputs(),
    };
  }

  /**
   * What the network of a learner puts out for the whole set; null when there is none, and before the student's phase.
   * Between ticks only.
   */
  async answers(learner: Learner): Promise<SetAnswers | null> {
    if (!this.prepared || !this.students) return null;
    const { plan, feeds } = this.prepared;
    if (learner === 'teacher')
      return this.teacher && setAnswers(plan, answeringTeacher(this.teacher, feeds.teacher), this.dataset);
    const network = this.students.networkOf(learner);
    if (!network) return null;
    const answers: LogitsFn = (inputs) => network.forward(inputs, { training: false }).logits;
    return setAnswers(plan, { answers, feed: feeds.student, hasTest: true }, this.dataset);
  }

  /** Frees every tensor of the run. */
  dispose(): void {
    this.generation?.dispose();
    this.students?.dispose();
    this.teaching?.dispose();
    this.generation = null;
    this.students = null;
    this.teaching = null;
  }

  private withWeights(): ResolvedRecipe {
    // What is added to a set (a view, a second domain) comes with the plan, and no weight depends on it.
    const { block } = inputViews(this.recipe).student;
    const { shape } = inputSourceOf(this.dataset, { ...plainView, block });
    return withResolvedWeights(this.recipe, shape);
  }

  private get teacher(): Teacher | null {
    return this.teaching?.teacher ?? null;
  }

  private get stepsDone(): number {
    return this.students?.stepsDone ?? 0;
  }

  /** From the last saved state (or the start) to the end. */
  private async *carryOut(plan: Plan, watched: Int32Array): AsyncGenerator<RunEvent[], void, undefined> {
    // Also where a run is continued, or its device was lost: elsewhere its numbers would be others.
    refuseHalfMaps(this.recipe);
    const feeds = feedsOf(plan);
    this.prepared = { plan, feeds };
    yield* this.prepareTeacher(plan, feeds);
    // A checkpoint of an older page does not say when its teacher was there.
    const knowsTimes = this.teacherSeconds !== null || !this.saved?.students;
    this.teacherSeconds ??= this.seconds;
    const studied = yield* this.preparePictures(plan, feeds);
    this.prepared = { plan: studied, feeds };
    this.students = new StudentPhase(studied, this.context, feeds, this.teacher, watched);
    if (this.saved?.students) this.students.restore(this.saved.students);
    yield* this.withCheckpoints(this.students.ticks());
    const trained = this.seconds;
    const scores = await this.students.finalScores();
    const times = { teacher: this.teacherSeconds, student: trained - this.teacherSeconds };
    const latencies = this.help.measuresLatency ? await this.latencies(latencyBatch, briefly) : null;
    yield [
      ...(knowsTimes ? [{ type: 'times' as const, seconds: times }] : []),
      ...(latencies ? [{ type: 'latency' as const, latencies }] : []),
      { type: 'finished', step: this.stepsDone, stopped: this.stopping, ...scores, seconds: this.seconds },
    ];
  }

  private get seconds(): number {
    return (performance.now() - this.startedAt) / 1000;
  }

  /** Builds or restores the teacher. */
  private async *prepareTeacher(plan: Plan, feeds: Feeds): AsyncGenerator<RunEvent[], void, undefined> {
    const { kind } = this.recipe.teacher;
    if (!plan.teacher || kind === 'none') return;
    const setup: TeacherSetup = {
      setting: plan.teaching,
      plan: plan.teacher,
      normalisation: feeds.teacher.normalisation,
      context: this.context,
      fetchAsset: this.help.fetchAsset,
      importedFiles: this.help.importedFiles ?? (() => Promise.resolve(null)),
    };
    this.teaching = new TeacherStage(setup, teacherKinds[kind], this.help.keptTeachers?.(), this.saved);
    yield* this.withCheckpoints(this.teaching.ticks());
    if (this.keepsCheckpoints && !this.saved?.teacher) await this.checkpoint();
  }

  /** The events that were not emitted before. */
  private emitted(events: readonly RunEvent[]): RunEvent[] {
    const fresh = events.filter((event) => this.cursor.isNew(event));
    this.teaching?.take(fresh);
    return fresh;
  }

  /** Generates pictures where the recipe asks for them; returns the plan with them in its set. */
  private async *preparePictures(plan: Plan, feeds: Feeds): AsyncGenerator<RunEvent[], Plan, undefined> {
    const { generation } = plan;
    if (!generation) return plan;
    this.generated = this.saved?.generated ?? null;
    if (!this.generated) {
      this.generation = new Generation({
        plan,
        generation,
        teacher: this.teacher,
        normalisation: feeds.teacher.normalisation,
        context: this.context,
        fetchAsset: this.help.fetchAsset,
      });
      if (this.saved?.generating) this.generation.restore(this.saved.generating);
      this.generated = yield* this.withCheckpoints(this.generation.ticks());
      this.generation.dispose();
      this.generation = null;
      if (this.keepsCheckpoints && this.generated) await this.checkpoint();
    }
    return this.generated ? withPictures(plan, generation, this.generated.kept) : plan;
  }

  /** What is computed between ticks, and other runs, are none of this run's. */
  private async withOwnMaps<R>(work: () => Promise<R>): Promise<R> {
    keepMapsInHalf(this.recipe.schedule.maps === 'half');
    try {
      return await work();
    } finally {
      keepMapsInHalf(false);
    }
  }

  /** Passes on new events, and takes checkpoints in memory where the device can be lost. */
  private async *withCheckpoints<R>(
    ticks: AsyncGenerator<RunEvent[], R, undefined>,
  ): AsyncGenerator<RunEvent[], R, undefined> {
    this.savedAt = performance.now();
    for (;;) {
      const tick = await this.withOwnMaps(() => ticks.next());
      if (tick.done) return tick.value;
      if (tick.value.some((event) => this.verifies(event))) this.unverified = null;
      yield this.emitted(tick.value);
      const due = this.checkpointDue || performance.now() - this.savedAt > saveInterval;
      if (!due || !this.keepsCheckpoints) continue;
      yield await this.flush();
      await this.checkpoint();
    }
  }

  private verifies(event: RunEvent): boolean {
    return event.type === 'step' && (this.unverified !== 'student' || event.phase === 'student');
  }

  private get keepsCheckpoints(): boolean {
    return deviceCanBeLost() && this.help.renewBackend !== undefined;
  }

  /**
   * Loads a working backend after a lost device and returns to the last checkpoint.
   * @returns events of the recovery
   */
  private async recover(plan: Plan, renew: () => Promise<BackendFacts>, often: string): Promise<RunEvent[]> {
    const step = this.stepsDone;
    const where = this.students
      ? `at step ${step}`
      : this.generation
        ? 'while pictures were being generated'
        : 'while the teacher was being trained';
    const why = `The graphics device was lost${often} ${where}.`;
    this.release();
    let next: BackendFacts;
    try {
      next = await renew();
    } catch (error) {
      const reason = sentenceOf(error);
      throw new RunFailure(`${why} Nothing here can take its place. ${reason}`, { step });
    }
    const before = this.backend;
    this.backend = next;
    if (before && before.name !== next.name)
      return moveEvents(why, next, { ...nextStep(plan.facts, this.saved), from: before.name }, step);
    const from = this.saved?.students?.stepsDone ?? 0;
    const text = `${why} Training goes on from ${from > 0 ? `step ${from}` : 'the last saved state'} on a new one.`;
    return [{ type: 'warning', step, text }];
  }

  /** Disposes everything; on a lost device that may throw, but its memory is free anyway. */
  private release(): void {
    try {
      this.dispose();
    } catch {
      this.generation = null;
      this.students = null;
      this.teaching = null;
    }
  }

  private takeKnobEvents(phase: Phase, step: number): RunEvent[] {
    const events = this.turned.map((turn): RunEvent => ({ type: 'knob', phase, step, ...turn }));
    this.turned = [];
    return events;
  }

  /** Metrics from before a failure are still emitted. */
  private async flushSafely(): Promise<RunEvent[]> {
    try {
      return await this.flush();
    } catch {
      return [];
    }
  }
}

/** The knobs of a hint that may change while its modules stay. */
function liveOf({ id, knobs: values }: HintEntry): KnobValues {
  const knobs: Knobs = hintAbouts[id].knobs;
  return Object.fromEntries(Object.entries(values).filter(([name]) => knobs[name]?.live));
}
