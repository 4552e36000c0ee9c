import type { Recipe } from '../../distill/recipe';
import type { Confusion, Learner, Phase, RunEvent, RunFacts, WatchedSet } from '../../training/events';
import type { RunId } from '../../worker/protocol';
import { SeriesTable } from './series';
import { SnapshotStore } from './snapshots';

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;
export type KnobMark = Omit<EventOf<'knob'>, 'type'>;
export type Outcome = EventOf<'finished'>;
export type Failure = EventOf<'failed'>;
export type Speed = Omit<EventOf<'speed'>, 'type'>;

/** Accuracy keys of the evaluation table: "student", "student/train". */
export const trainKey = (learner: Learner) => `${learner}/train`;
export const lossKey = (learner: Learner) => `${learner}/loss`;

/**
 * All that one run has told, outside React. Views read it when the ticker says so, never per event.
 */
export class RunHistory {
  facts: RunFacts | null = null;
  watched: WatchedSet | null = null;
  hintKeys: string[] = [];
  phase: Phase = 'student';
  phaseSteps = 0;
  phaseText = '';
  step = 0;
  learningRate = Number.NaN;
  readonly steps: Record<Phase, SeriesTable> = { teacher: new SeriesTable(), student: new SeriesTable() };
  readonly evaluations: Record<Phase, SeriesTable> = {
    teacher: new SeriesTable(),
    student: new SeriesTable(),
  };
  readonly snapshots = new SnapshotStore();
  /** At the last evaluation of each. */
  readonly confusion: Partial<Record<Learner, Confusion>> = {};
  evaluated: { split: 'validation' | 'test'; images: number; step: number } | null = null;
  readonly marks: KnobMark[] = [];
  readonly warnings: { step: number; text: string }[] = [];
  speed: Speed | null = null;
  outcome: Outcome | null = null;
  failure: Failure | null = null;

  constructor(
    readonly id: RunId,
    /** As started; live knobs turned since are in `marks`. */
    public recipe: Recipe,
  ) {}

  take(events: readonly RunEvent[]): void {
    for (const event of events) this.takeOne(event);
  }

  get hasTeacherPhase(): boolean {
    return this.steps.teacher.length > 0 || (this.facts?.teacherSteps ?? 0) > 0;
  }

  /** Steps done and to do over all phases. */
  get progress(): { done: number; total: number } {
    const teacher = this.facts?.teacherSteps ?? 0;
    const student = this.facts?.studentSteps ?? this.phaseSteps;
    const done = this.phase === 'teacher' ? this.step : teacher + this.step;
    return { done, total: teacher + student };
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
        return;
      case 'step':
        this.steps[event.phase].push(event.step, withLabelPart(event.values));
        this.step = event.step;
        this.learningRate = event.learningRate;
        return;
      case 'evaluation':
        this.takeEvaluation(event);
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

/** What the labels contribute to the sum: what the hints leave of it. */
function withLabelPart(values: Record<string, number>): Record<string, number> {
  const { total } = values;
  if (total === undefined || values['ce'] === undefined) return values;
  let rest = total;
  for (const key of Object.keys(values)) if (key.endsWith('·w')) rest -= values[key]!;
  return { ...values, 'ce·w': rest };
}
