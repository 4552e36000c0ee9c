import { intervalFor, nextAnchor, relativeHardness } from '../../distill/teachers/route/anchors';
import { primaryScore, type Task } from '../../distill/tasks/task';
import { oneStage, stages, type Segment } from '../../distill/teachers/route/segments';
import type { RouteView, View } from '../../distill/views';
import type { Tensor } from '../../engine/tf';
import type { Network, Trace } from '../../nn/network';
import { comparedImagesOf, type Compared, type RouteKnobs, type RouteState } from './route-record';
import type { StudentProgress, Teacher, TeacherSetup, TeacherState, TeacherAdvance } from './teacher';

/** A leg of the student's way with its anchor, an index into the route's states. */
interface AnchorLeg extends Segment {
  state: number;
  why: string;
}

/** The student's position on the route. Keys are stored. */
export interface RouteProgress {
  legs: AnchorLeg[];
  /** The leg under way, -1 before the first. */
  leg: number;
  criterion: RouteView['criterion'];
  student: RouteView['student'];
  edition: number;
}

/** A teacher with the weights of one state of its route at a time. */
export class RouteTeacher implements Teacher {
  readonly networks: readonly [Network];
  private readonly states: readonly RouteState[];
  private readonly setup: TeacherSetup;
  private readonly compared: Compared;
  private readonly walked: RouteProgress;
  /** The progress at the last call of `advance`, which gives access to the student's logits. */
  private progress: StudentProgress | null = null;

  /**
   * Owns the network, which holds the weights of the present anchor.
   * @param walked position on the route, null at its start
   */
  constructor(
    network: Network,
    states: readonly RouteState[],
    walked: RouteProgress | null,
    setup: TeacherSetup,
  ) {
    this.networks = [network];
    this.states = states;
    this.setup = setup;
    this.compared = comparedImagesOf(setup.setting, this.knobs);
    this.walked = walked
      ? structuredClone(walked)
      : { legs: this.firstLegs(), leg: -1, criterion: null, student: [], edition: 0 };
    if (!walked) this.load(this.walked.legs[0]!.state);
  }

  get outputs(): number {
    return this.networks[0].outputs;
  }

  get version(): number {
    return this.walked.edition;
  }

  trace(images: Tensor): Trace {
    return this.networks[0].forward(images, { training: false });
  }

  async advance(moment: StudentProgress): Promise<TeacherAdvance | null> {
    this.progress = moment;
    const { legs, leg } = this.walked;
    const current = legs[leg];
    if (current && moment.step < current.from + current.steps) return null;
    if (leg === legs.length - 1) {
      if (!current || current.state === this.states.length - 1) return null;
      legs.push(await this.search(current, moment));
    }
    return this.enter(leg + 1);
  }

  async views(): Promise<View[]> {
    if (this.progress) await this.measureStudent(this.progress);
    return [this.picture()];
  }

  async state(): Promise<TeacherState> {
    return {
      networks: [await this.networks[0].module.exportState()],
      more: { states: [...this.states], walked: structuredClone(this.walked) },
    };
  }

  dispose(): void {
    this.networks[0].dispose();
  }

  private get knobs(): RouteKnobs {
    return this.setup.context.recipe().teacher.knobs as RouteKnobs;
  }

  private get task(): Task {
    return this.setup.setting.material.task;
  }

  private get steps(): number {
    return this.setup.setting.recipe.schedule.steps;
  }

  /** States that can be anchors: the kept ones without the weakest, and always the last. */
  private candidates(): number[] {
    const kept = this.states.flatMap(({ kept: whole }, i) => (whole ? [i] : []));
    const last = this.states.length - 1;
    // Older page versions stored no `weak`; they knew classes alone.
    const isWeak = (state: number) =>
      this.states[state]!.weak ?? this.states[state]!.accuracy < 2 / this.outputs;
    return this.knobs.dropWeak ? kept.filter((state) => state === last || !isWeak(state)) : kept;
  }

  /** All legs where they are known beforehand, else the first. */
  private firstLegs(): AnchorLeg[] {
    const anchors = this.candidates();
    const { strategy, epochs, maxAnchors } = this.knobs;
    const last = this.states.length - 1;
    if (strategy === 'greedy') {
      const first = maxAnchors === 1 ? last : anchors[0]!;
      return [this.searched(first, 0, 1, 'the first state of the route')];
    }
    const interval = intervalFor(epochs, this.knobs.anchors);
    // Without the weak states, the others divide the run evenly.
    const whole = anchors.length === Math.ceil(epochs / interval);
    const legs =
      strategy === 'stages'
        ? stages(anchors.length, this.steps)
        : oneStage(anchors.length, this.steps, epochs, whole ? interval : epochs / anchors.length);
    const walked = legs.map((leg, k) => ({
      ...leg,
      state: anchors[k]!,
      why: anchors[k] === last ? 'the converged teacher' : `after epoch ${this.states[anchors[k]!]!.epoch}`,
    }));
    return walked.filter((leg) => leg.steps > 0);
  }

  /** A leg of the greedy search: one stage, or all that is left for the converged teacher. */
  private searched(state: number, from: number, count: number, why: string): AnchorLeg {
    const { maxAnchors } = this.knobs;
    const each = Math.max(1, Math.floor(this.steps / maxAnchors));
    const last = state === this.states.length - 1 || count === maxAnchors || from + each >= this.steps;
    return { state, from, steps: last ? this.steps - from : each, why };
  }

  /** The next anchor of the greedy search, by the hardness of later states for the student as it is. */
  private async search(current: AnchorLeg, moment: StudentProgress): Promise<AnchorLeg> {
    const { delta, hardnessTemperature, maxAnchors } = this.knobs;
    const { legs } = this.walked;
    const candidates = this.candidates();
    const at = candidates.indexOf(current.state);
    const student = await moment.studentLogits('train', this.compared.rows);
    const hard = candidates.map((state) =>
      this.task.distance(this.states[state]!.kept!.logits, student, hardnessTemperature),
    );
    const relative = relativeHardness(hard, at);
    const values: (number | null)[] = this.states.map(() => null);
    candidates.forEach((state, i) => (values[state] = i >= at ? relative[i]! : null));
    this.walked.criterion = { label: 'Hardness relative to the anchor just learned', values, limit: delta };
    const from = moment.step;
    const stage = Math.max(1, Math.floor(this.steps / maxAnchors));
    if (legs.length === maxAnchors - 1 || from + stage >= this.steps)
      return this.searched(this.states.length - 1, from, maxAnchors, 'the converged teacher: the last stage');
    const next = nextAnchor(relative, at, delta);
    const r = relative[next]!;
    const why =
      r <= delta
        ? `${r.toFixed(2)} times as hard as the anchor before, within ${delta}`
        : `the next state, though ${r.toFixed(2)} times as hard`;
    return this.searched(candidates[next]!, from, legs.length + 1, why);
  }

  private enter(leg: number): TeacherAdvance {
    const { state, steps } = this.walked.legs[leg]!;
    this.load(state);
    this.walked.leg = leg;
    this.walked.edition++;
    const { strategy, resetOptimiser } = this.knobs;
    if (strategy !== 'stages' && strategy !== 'greedy') return { events: [] };
    return { events: [], stage: { steps, resetOptimiser: resetOptimiser && leg > 0 } };
  }

  private load(state: number): void {
    this.networks[0].module.loadState(this.states[state]!.kept!.weights);
  }

  /** KL divergence of the student from each anchor, after the step that followed the last `advance`. */
  private async measureStudent({ step, studentLogits }: StudentProgress): Promise<void> {
    const { student, legs } = this.walked;
    const after = Math.min(step + 1, this.steps);
    if (student.at(-1)?.step === after) return;
    const { task } = this;
    const logits = await studentLogits('train', this.compared.rows);
    student.push({
      step: after,
      accuracy: primaryScore(task, task.measure(logits, this.compared.targets)),
      gaps: legs.map(({ state }) => task.distance(this.states[state]!.kept!.logits, logits, 1)),
    });
  }

  private picture(): RouteView {
    const { legs, leg, criterion, student } = this.walked;
    return {
      view: 'route',
      title: this.compared.heldOut
        ? 'The teacher’s route, on validation instances'
        : 'The teacher’s route, on instances it learned from',
      ...(this.task.oneOfMany ? {} : { task: this.task.about.id }),
      images: this.compared.heldOut ? 'validation' : 'learned',
      states: this.states.map(({ epoch, accuracy: right }) => ({ epoch, accuracy: right })),
      anchors: legs.map(({ state, from, why }, k) => ({ state, fromStep: k <= leg ? from : null, why })),
      criterion,
      student: structuredClone(student),
    };
  }
}
