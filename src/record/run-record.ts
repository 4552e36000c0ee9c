import type { Recipe } from '../distill/recipe';
import type { View } from '../distill/views';
import type {
  Confusion,
  EngineFacts,
  Learner,
  Phase,
  RunEvent,
  RunFacts,
  WatchedSet,
} from '../training/events';
import { SeriesTable } from './series';
import { SnapshotStore } from './snapshots';

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;
export type KnobMark = Omit<EventOf<'knob'>, 'type'>;
export type Outcome = EventOf<'finished'>;
export type Failure = EventOf<'failed'>;
export type Speed = Omit<EventOf<'speed'>, 'type'>;

export const phaseOrder: readonly Phase[] = ['teacher', 'prelude', 'student'];

/** Accuracy keys of the evaluation table: "student", "student/train". */
export const trainKey = (learner: Learner) => `${learner}/train`;
export const lossKey = (learner: Learner) => `${learner}/loss`;

/**
 * All that one run has told: the one reducer of its events. Instruments, the runs list, reports, tables and metrics read
 * it. Chunks do not matter: events taken one by one or all at once make the same record, and so do those of a stored
 * log, which lacks only readings of the moment (`speed`, `waiting`). A run that goes back to a saved state tells steps
 * again; they take the place of those that it told first.
 */
export class RunRecord {
  facts: RunFacts | null = null;
  watched: WatchedSet | null = null;
  hintKeys: string[] = [];
  phase: Phase = 'student';
  phaseSteps = 0;
  phaseText = '';
  step = 0;
  learningRate = Number.NaN;
  readonly steps = tables();
  readonly evaluations = tables();
  /** What is drawn of particular teachers and hints, as it was last told, by kind and title. */
  readonly views = new Map<string, { phase: Phase; step: number; view: View }>();
  readonly snapshots = new SnapshotStore();
  /** At the last evaluation of each. */
  readonly confusion: Partial<Record<Learner, Confusion>> = {};
  evaluated: { split: 'validation' | 'test'; images: number; step: number } | null = null;
  readonly marks: KnobMark[] = [];
  readonly warnings: { step: number; text: string }[] = [];
  speed: Speed | null = null;
  /** How the steps of the present phase are carried out. */
  engine: EngineFacts | null = null;
  /** What holds the steps up just now, null when nothing does. */
  waiting: { text: string; share: number } | null = null;
  outcome: Outcome | null = null;
  failure: Failure | null = null;

  constructor(
    readonly id: string,
    /** As started; live knobs turned since are in `marks`. */
    public recipe: Recipe,
  ) {}

  take(events: readonly RunEvent[]): void {
    for (const event of events) this.takeOne(event);
  }

  /** The phases that this run has, in their order. */
  get phases(): Phase[] {
    const planned: Record<Phase, number> = {
      teacher: this.facts?.teacherSteps ?? 0,
      prelude: this.facts?.preludeSteps ?? 0,
      student: 1,
    };
    return phaseOrder.filter((phase) => planned[phase] > 0 || this.steps[phase].length > 0);
  }

  /** Steps done and to do over all phases. */
  get progress(): { done: number; total: number } {
    const planned: Record<Phase, number> = {
      teacher: this.facts?.teacherSteps ?? 0,
      prelude: this.facts?.preludeSteps ?? 0,
      student: this.facts?.studentSteps ?? this.phaseSteps,
    };
    const sum = (phases: readonly Phase[]) => phases.reduce((steps, phase) => steps + planned[phase], 0);
    const before = phaseOrder.slice(0, phaseOrder.indexOf(this.phase));
    return { done: sum(before) + this.step, total: sum(phaseOrder) };
  }

  private takeOne(event: RunEvent): void {
    switch (event.type) {
      case 'started':
        this.facts = event.facts;
        this.watched = event.watched;
        this.hintKeys = event.hintKeys;
        this.recipe = event.recipe;
        return;
      case 'phase':
        this.phase = event.phase;
        this.phaseSteps = event.steps;
        this.phaseText = event.text;
        this.step = 0;
        this.waiting = null;
        return;
      case 'progress':
        this.waiting = event.share < 1 ? event : null;
        return;
      case 'engine':
        this.engine = event.engine;
        return;
      case 'step':
        this.steps[event.phase].push(event.step, withLabelPart(event.values));
        this.step = event.step;
        this.learningRate = event.learningRate;
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
        this.speed = event;
        return;
      case 'finished':
        this.outcome = event;
        this.waiting = null;
        return;
      case 'failed':
        this.failure = event;
    }
  }

  private takeEvaluation(event: EventOf<'evaluation'>): void {
    const values: Record<string, number> = {};
    for (const [learner, accuracy] of Object.entries(event.accuracy)) values[learner] = accuracy;
    for (const [learner, accuracy] of Object.entries(event.trainAccuracy))
      values[trainKey(learner as Learner)] = accuracy;
    for (const [learner, loss] of Object.entries(event.loss)) values[lossKey(learner as Learner)] = loss;
    this.evaluations[event.phase].push(event.step, values);
    this.evaluated = { split: event.split, images: event.images, step: event.step };
    Object.assign(this.confusion, event.confusion);
  }
}

function tables(): Record<Phase, SeriesTable> {
  return { teacher: new SeriesTable(), prelude: new SeriesTable(), student: new SeriesTable() };
}

/** What the labels contribute to the sum: what the hints leave of it. */
function withLabelPart(values: Record<string, number>): Record<string, number> {
  const { total } = values;
  if (total === undefined || values['ce'] === undefined) return values;
  let rest = total;
  for (const key of Object.keys(values)) if (key.endsWith('·w')) rest -= values[key]!;
  return { ...values, 'ce·w': rest };
}
