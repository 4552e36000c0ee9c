/** One execution of a recipe: an async generator of events whose consumer sets the pace. */
import type { Dataset } from '../data/dataset';
import { knobProblem, type KnobValue } from '../distill/knobs';
import { knobAt, valueAt, withValue, type Recipe } from '../distill/recipe';
import type { Normalisation } from '../distill/material/images';
import { deviceCanBeLost, deviceIsLost } from '../engine/device-care';
import type { NamedArray } from '../nn/module';
import { Network } from '../nn/network';
import { writeSafetensors } from '../nn/safetensors';
import { RandomStream } from '../random/streams';
import type { FetchAsset } from './assets';
import type { RunContext } from './context';
import type { Learner, Phase, RunEvent } from './events';
import { extraParameters } from './parts';
import { RunFailure } from './failure';
import { planRun, type Plan } from './plan';
import { StudentPhase, type StudentState } from './student-phase';
import { loadBundledTeacher } from './teacher';
import { TeacherPhase } from './teacher-phase';
import { watchedRows, watchedSet } from './watch';

/** How much training a lost device may cost, in milliseconds. */
const saveInterval = 3000;
/** A device that keeps going away will do so again. */
const mostRecoveries = 3;

export interface RunHelp {
  /** Reads a file of the page's own origin. */
  fetchAsset: FetchAsset;
  /** Makes a working backend after a device was lost; without it a loss ends the run. */
  renewBackend?: () => Promise<unknown>;
}

export class Run {
  private recipe: Recipe;
  private readonly dataset: Dataset;
  private readonly help: RunHelp;
  private stopping = false;
  private turned: { path: string; label: string; from: KnobValue; to: KnobValue }[] = [];
  private teacher: Network | null = null;
  private phase: TeacherPhase | StudentPhase | null = null;
  private students: StudentPhase | null = null;
  /** The last good state, in CPU memory. */
  private saved: StudentState | null = null;
  /** A knob was turned: what comes next must not be redone with its new value from before. */
  private saveDue = false;
  /** Up to which step events of a type were told. */
  private readonly told = new Map<RunEvent['type'], number>();

  constructor(recipe: Recipe, dataset: Dataset, help: RunHelp) {
    this.recipe = recipe;
    this.dataset = dataset;
    this.help = help;
  }

  /**
   * Turns a live knob; it acts on the next step.
   * @returns a sentence when the knob cannot be turned now, else null
   */
  turn(path: string, value: KnobValue): string | null {
    const knob = knobAt(this.recipe, path);
    if (!knob?.live)
      return `${knob?.label ?? path} cannot be turned while a run is on; it takes effect with the next start.`;
    const problem = knobProblem(knob, value);
    if (problem) return `${knob.label} ${problem}.`;
    const from = valueAt(this.recipe, path)!;
    if (from === value) return null;
    this.recipe = withValue(this.recipe, path, value);
    this.turned.push({ path, label: knob.label, from, to: value });
    this.saveDue = true;
    return null;
  }

  /** Ends the run after the step under way, with a last measurement. */
  requestStop(): void {
    this.stopping = true;
  }

  /** Reads back what the last steps have recorded; for a consumer that pauses between ticks. */
  async flush(): Promise<RunEvent[]> {
    return (await this.phase?.flush()) ?? [];
  }

  /** One element per training step (and some for set-up): the events that became known with it. Never throws. */
  async *ticks(): AsyncGenerator<RunEvent[], void, undefined> {
    const started = performance.now();
    let step = 0;
    let phase: Phase = 'student';
    try {
      const plan = planRun(this.recipe, this.dataset);
      const rows = watchedRows(plan.material, this.recipe.seed);
      yield [
        {
          type: 'started',
          recipe: this.recipe,
          facts: { ...plan.facts, extraParameters: extraParameters(plan) },
          watched: watchedSet(plan.material, plan.source, rows),
          hintKeys: plan.hintKeys,
        },
      ];
      const context: RunContext = {
        recipe: () => this.recipe,
        stopRequested: () => this.stopping,
        takeKnobEvents: (current, at) => this.takeKnobEvents(current, at),
      };
      phase = 'teacher';
      const normalisation = yield* this.prepareTeacher(plan, context);
      const teacherWeights = deviceCanBeLost() ? await this.teacher?.module.exportState() : undefined;
      phase = 'student';
      for (let recoveries = 0; ; recoveries++) {
        try {
          const students = new StudentPhase(plan, context, normalisation, this.teacher, rows);
          this.students = students;
          this.phase = students;
          if (this.saved) students.restore(this.saved);
          for await (const events of this.trainStudents(students)) {
            step = students.stepsDone;
            yield events;
          }
          const { final, perClass } = await students.finalAccuracies();
          const seconds = (performance.now() - started) / 1000;
          yield [
            { type: 'finished', step: students.stepsDone, stopped: this.stopping, final, perClass, seconds },
          ];
          return;
        } catch (error) {
          if (recoveries === mostRecoveries || !this.help.renewBackend || !(await deviceIsLost()))
            throw error;
          const from = this.saved?.stepsDone ?? 0;
          yield [
            {
              type: 'warning',
              step,
              text: `The graphics device was lost at step ${step}. Training goes on from step ${from} on a new one.`,
            },
          ];
          await this.renew(plan, teacherWeights);
        }
      }
    } catch (error) {
      yield [...(await this.flushSafely()), failureEvent(error, phase, step)];
    }
  }

  /** Weights of one learner as a safetensors file under PyTorch's names, or null when there is none. */
  async weights(learner: Learner): Promise<Uint8Array | null> {
    const network = learner === 'teacher' ? this.teacher : this.students?.networkOf(learner);
    if (!network) return null;
    return writeSafetensors(await network.module.exportState(), { network: network.name });
  }

  /** Frees every tensor of the run. */
  dispose(): void {
    if (this.phase instanceof TeacherPhase) this.phase.dispose();
    this.students?.dispose();
    this.teacher?.dispose();
    this.phase = null;
    this.students = null;
    this.teacher = null;
  }

  /** The phase's ticks without what was told before a loss, saving the state now and then where it can be lost. */
  private async *trainStudents(students: StudentPhase): AsyncGenerator<RunEvent[], void, undefined> {
    let savedAt = performance.now();
    for await (const events of students.ticks()) {
      yield events.filter((event) => this.isNews(event));
      const due = this.saveDue || performance.now() - savedAt > saveInterval;
      if (!due || !deviceCanBeLost() || !this.help.renewBackend) continue;
      this.saved = await students.state();
      this.saveDue = false;
      savedAt = performance.now();
    }
  }

  /** Marks an event as told; false when it was told before the loss. */
  private isNews(event: RunEvent): boolean {
    const step = event.type === 'instances' ? event.snapshot.step : 'step' in event ? event.step : null;
    if (step === null || event.type === 'warning' || event.type === 'knob') return true;
    if (step <= (this.told.get(event.type) ?? -1)) return false;
    this.told.set(event.type, step);
    return true;
  }

  /** A new backend with the teacher on it; what lay on the lost device is let go. */
  private async renew({ teacher, input, classes }: Plan, weights: NamedArray[] | undefined): Promise<void> {
    try {
      this.dispose();
    } catch {
      // What lay on the lost device is gone whether or not its handles can be given back.
    }
    await this.help.renewBackend?.();
    if (!teacher || !weights) return;
    this.teacher = Network.create(teacher.network, input, classes, RandomStream.fork(0, 'loaded'));
    this.teacher.module.loadState(weights);
  }

  /** Loads or trains the teacher; returns how images are to be normalised for it and its students. */
  private async *prepareTeacher(
    { material, source, input, classes, teacher }: Plan,
    context: RunContext,
  ): AsyncGenerator<RunEvent[], Normalisation, undefined> {
    if (teacher?.bundled) {
      const loaded = await loadBundledTeacher(teacher.bundled, input, classes, this.help.fetchAsset);
      this.teacher = loaded.network;
      return loaded.normalisation;
    }
    const held = new Set(material.validation);
    const seen = Int32Array.from({ length: material.dataset.train.count }, (_, row) => row);
    const normalisation = source.normalisation(seen.filter((row) => !held.has(row)));
    if (!teacher) return normalisation;
    const phase = new TeacherPhase(teacher, { material, source, input, classes }, context, normalisation);
    this.phase = phase;
    yield* phase.ticks();
    this.teacher = phase.release();
    return normalisation;
  }

  private takeKnobEvents(phase: Phase, step: number): RunEvent[] {
    const events = this.turned.map((turn): RunEvent => ({ type: 'knob', phase, step, ...turn }));
    this.turned = [];
    return events;
  }

  /** What was measured before a failure is still shown. */
  private async flushSafely(): Promise<RunEvent[]> {
    try {
      return await this.flush();
    } catch {
      return [];
    }
  }
}

function failureEvent(error: unknown, phase: Phase, step: number): RunEvent {
  if (error instanceof RunFailure)
    return { type: 'failed', step: error.step || step, phase, message: error.message, knob: error.knob };
  const detail = error instanceof Error ? error.message : String(error);
  const message = /memory|allocat/i.test(detail)
    ? `The device ran out of memory (${detail}). Use a smaller batch or a smaller network.`
    : `The run stopped because of an unexpected error: ${detail}. The curves so far are kept; another backend may work.`;
  return {
    type: 'failed',
    step,
    phase,
    message,
    knob: /memory|allocat/i.test(detail) ? 'schedule.batch' : null,
  };
}
