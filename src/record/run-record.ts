import type { BackendName } from '../engine/backend-names';
import { taskAboutOf, type TaskAbout } from '../distill/tasks/about';
import type { Recipe } from '../distill/recipe';
import type { View } from '../distill/views';
import type {
  BackendMove,
  ByLearner,
  Confusion,
  EngineFacts,
  Latencies,
  Learner,
  MeasuredAnswers,
  MeasuredSamples,
  Phase,
  ReliabilityBins,
  RunEvent,
  RunFacts,
  Scores,
  TrackedSamples,
} from '../training/events';
import { SeriesTable } from './series';
import { SnapshotStore } from './snapshots';

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;
export type KnobMark = Omit<EventOf<'knob'>, 'type'>;
export type Outcome = EventOf<'finished'> & { scores: Scores };
export type Failure = EventOf<'failed'>;
/** A measured speed and its phase. */
export type Speed = Omit<EventOf<'speed'>, 'type'> & { phase: Phase };

/** One evaluation event, with the losses of the last step before it. */
export type Evaluation = Pick<
  EventOf<'evaluation'>,
  | 'phase'
  | 'step'
  | 'split'
  | 'scores'
  | 'trainScores'
  | 'secondDomain'
  | 'perTarget'
  | 'loss'
  | 'further'
  | 'fidelity'
  | 'gradients'
> & {
  /** Named parts of the training loss at the last step before the measurement. */
  losses: Record<string, number>;
};

/** A backend and the first step that ran on it; null before that step. */
export interface BackendUse {
  name: BackendName;
  device: string;
  from: { phase: Phase; step: number } | null;
}

export const phaseOrder: readonly Phase[] = ['teacher', 'generator', 'prelude', 'student'];

/**
 * Keys of the evaluation table: "student" and "student/train" for the task's first score, "student/loss",
 * "student/rmse" and "student/nll" for other scores, "gradient norm/kd" and "gradient cosine/kd" for a loss.
 */
export const trainKey = (learner: Learner) => `${learner}/train`;
export const scoreKey = (learner: Learner, score: string) => `${learner}/${score}`;
/** The task's first score on the second domain. */
export const secondDomainKey = (learner: Learner) => `${learner}/second domain`;
export const lossKey = (learner: Learner) => `${learner}/loss`;
export const normKey = (loss: string) => `gradient norm/${loss}`;
export const cosineKey = (loss: string) => `gradient cosine/${loss}`;

/**
 * The only reducer of a run's events. Charts, the list of runs, reports, tables and metrics read it. The record does not
 * depend on how events are chunked, nor on whether they come from the run or from its stored log, which lacks only
 * `speed` and `waiting`. A run that continues from a checkpoint emits steps again; they replace the first ones.
 */
export class RunRecord {
  facts: RunFacts | null = null;
  tracked: TrackedSamples | null = null;
  hintKeys: string[] = [];
  phase: Phase = 'student';
  phaseSteps = 0;
  phaseText = '';
  step = 0;
  learningRate = Number.NaN;
  readonly steps = tables();
  /** Scores and losses of the measurements as columns (see `trainKey`). */
  readonly evaluations = tables();
  readonly measured: Record<Phase, Evaluation[]> = { teacher: [], generator: [], prelude: [], student: [] };
  /** The latest views of teachers and hints, by kind and title. */
  readonly views = new Map<string, { phase: Phase; step: number; view: View }>();
  readonly snapshots: SnapshotStore;
  /** From the last evaluation of each learner. */
  readonly confusion: Partial<Record<Learner, Confusion>> = {};
  /** The images of the last measurement that says which they were. */
  samples: (MeasuredSamples & { split: 'validation' | 'test' }) | null = null;
  /** The same for numbers and several labels. */
  answers: (MeasuredAnswers & { split: 'validation' | 'test' }) | null = null;
  /** Confidence against correctness at the last measurement that has it. */
  reliability: ByLearner<ReliabilityBins> | null = null;
  evaluated: { split: 'validation' | 'test'; images: number; step: number } | null = null;
  readonly marks: KnobMark[] = [];
  readonly warnings: { step: number; text: string }[] = [];
  /** Backends of the run, in order. */
  readonly backends: BackendUse[] = [];
  speed: Speed | null = null;
  /** How steps of the present phase run. */
  engine: EngineFacts | null = null;
  /** Work that delays the steps (compiling), null when there is none. */
  waiting: { text: string; share: number } | null = null;
  outcome: Outcome | null = null;
  /** Seconds of training, by phase; null before the end, and for runs of older page versions. */
  times: EventOf<'times'>['seconds'] | null = null;
  /** As measured last. */
  latencies: Latencies | null = null;
  failure: Failure | null = null;
  /** Values of the last step of the present phase. */
  private lastValues: Record<string, number> = {};
  /** All readings of the present phase. */
  private speeds: number[] = [];

  /** @param moments most snapshots of the tracked samples to keep: beyond that, every other one is dropped */
  constructor(
    readonly id: string,
    /** As started; later changes of live knobs are in `marks`. */
    public recipe: Recipe,
    moments?: number,
  ) {
    this.snapshots = new SnapshotStore(moments);
  }

  take(events: readonly RunEvent[]): void {
    for (const event of events) this.takeOne(event);
  }

  /** What the run's task is called, and its scores. */
  get task(): TaskAbout {
    return taskAboutOf(this.facts);
  }

  /** Moves from one backend to another. */
  get moves(): BackendMove[] {
    return this.backends.flatMap(({ name, from }, place) => {
      const before = this.backends[place - 1];
      return before && from && before.name !== name ? [{ ...from, from: before.name, to: name }] : [];
    });
  }

  /** Phases of this run, in order. */
  get phases(): Phase[] {
    const planned = { ...this.plannedSteps, student: 1 };
    return phaseOrder.filter((phase) => planned[phase] > 0 || this.steps[phase].length > 0);
  }

  /** Steps of each phase; for the student, those of the present phase until they are known. */
  get plannedSteps(): Record<Phase, number> {
    return {
      teacher: this.facts?.teacherSteps ?? 0,
      generator: this.facts?.generatorSteps ?? 0,
      prelude: this.facts?.preludeSteps ?? 0,
      student: this.facts?.studentSteps ?? this.phaseSteps,
    };
  }

  /** Median of the measured speeds of the present phase, null before the first. */
  get stepsPerSecond(): number | null {
    return this.speeds.toSorted((a, b) => a - b)[this.speeds.length >> 1] ?? null;
  }

  /** Steps done, and steps in total, over all phases. */
  get progress(): { done: number; total: number } {
    const planned = this.plannedSteps;
    const sum = (phases: readonly Phase[]) => phases.reduce((steps, phase) => steps + planned[phase], 0);
    const before = phaseOrder.slice(0, phaseOrder.indexOf(this.phase));
    return { done: sum(before) + this.step, total: sum(phaseOrder) };
  }

  private takeOne(event: RunEvent): void {
    switch (event.type) {
      case 'started':
        this.facts = event.facts;
        this.tracked = event.watched;
        this.hintKeys = event.hintKeys;
        this.recipe = event.recipe;
        return;
      case 'phase':
        this.phase = event.phase;
        this.phaseSteps = event.steps;
        this.phaseText = event.text;
        this.step = 0;
        this.waiting = null;
        this.lastValues = {};
        this.speeds = [];
        return;
      case 'progress':
        this.waiting = event.share < 1 ? event : null;
        return;
      case 'engine':
        this.engine = event.engine;
        return;
      case 'step':
        this.steps[event.phase].push(event.step, withTaskPart(event.values, this.task.loss.key));
        this.step = event.step;
        this.learningRate = event.learningRate;
        this.lastValues = event.values;
        for (const use of this.backends) use.from ??= { phase: event.phase, step: event.step };
        return;
      case 'backend':
        this.takeBackend(event);
        return;
      case 'evaluation':
        this.takeEvaluation(event);
        return;
      case 'views':
        for (const view of event.views)
          this.views.set(`${view.view}/${view.title}`, { phase: event.phase, step: event.step, view });
        return;
      case 'instances':
        this.snapshots.push(event.snapshot);
        return;
      case 'knob':
        this.marks.push(event);
        return;
      case 'warning':
        this.warnings.push(event);
        return;
      case 'speed':
        this.speed = { ...event, phase: this.phase };
        this.speeds.push(event.stepsPerSecond);
        return;
      case 'times':
        this.times = event.seconds;
        return;
      case 'latency':
        this.latencies = event.latencies;
        return;
      case 'finished':
        if (event.reliability) this.reliability = event.reliability;
        this.outcome = { ...event, scores: event.scores ?? { [this.task.scores[0].id]: event.final } };
        this.waiting = null;
        return;
      case 'failed':
        this.failure = event;
    }
  }

  /** A continued run emits its backend again, which is no change. */
  private takeBackend({ name, device, move }: EventOf<'backend'>): void {
    // Runs of older page versions have no event for their first backend.
    if (move && this.backends.every((use) => use.name === name))
      this.backends.unshift({ name: move.from, device: '', from: null });
    const last = this.backends.at(-1);
    if (last?.name !== name || last.device !== device) this.backends.push({ name, device, from: null });
    // Steps repeated after a lost device are not emitted again, so the move names its step.
    if (move) this.backends.at(-1)!.from = { phase: move.phase, step: move.step };
  }

  private takeEvaluation(event: EventOf<'evaluation'>): void {
    const { phase, step, split, scores, trainScores, perTarget, loss } = event;
    const [primary, ...further] = this.task.scores.map(({ id }) => id);
    const measured = this.measured[phase];
    while (measured.length > 0 && measured.at(-1)!.step >= step) measured.pop();
    measured.push({
      ...{ phase, step, split, scores, trainScores, loss, losses: this.lastValues },
      ...(perTarget ? { perTarget } : {}),
      ...(event.secondDomain ? { secondDomain: event.secondDomain } : {}),
      ...(event.further ? { further: event.further } : {}),
      ...(event.fidelity ? { fidelity: event.fidelity } : {}),
      ...(event.gradients ? { gradients: event.gradients } : {}),
    });
    const values: Record<string, number> = {};
    const enter = (of: ByLearner<number> | undefined, key: (learner: Learner) => string) => {
      for (const [learner, value] of Object.entries(of ?? {})) values[key(learner as Learner)] = value;
    };
    enter(scores[primary!], (learner) => learner);
    enter(trainScores[primary!], trainKey);
    for (const score of further) enter(scores[score], (learner) => scoreKey(learner, score));
    for (const { id } of this.task.further) enter(event.further?.[id], (learner) => scoreKey(learner, id));
    for (const [loss, norm] of Object.entries(event.gradients?.norms ?? {})) values[normKey(loss)] = norm;
    for (const [loss, cosine] of Object.entries(event.gradients?.cosines ?? {}))
      values[cosineKey(loss)] = cosine;
    enter(event.secondDomain?.[primary!], secondDomainKey);
    enter(loss, lossKey);
    this.evaluations[phase].push(step, values);
    this.evaluated = { split, images: event.images, step };
    Object.assign(this.confusion, event.confusion);
    if (event.samples) this.samples = { split, ...event.samples };
    if (event.answers) this.answers = { split, ...event.answers };
    if (event.reliability) this.reliability = event.reliability;
  }
}

function tables(): Record<Phase, SeriesTable> {
  return {
    teacher: new SeriesTable(),
    generator: new SeriesTable(),
    prelude: new SeriesTable(),
    student: new SeriesTable(),
  };
}

/** Adds the part of the task's own loss in the total: the total without the weighted hints. */
function withTaskPart(values: Record<string, number>, own: string): Record<string, number> {
  const { total } = values;
  if (total === undefined || values[own] === undefined) return values;
  let rest = total;
  for (const key of Object.keys(values)) if (key.endsWith('·w')) rest -= values[key]!;
  return { ...values, [`${own}·w`]: rest };
}
