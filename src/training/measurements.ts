/** Measurements of several learners, collected as events carry them. */
import type { FurtherMeasurement, Measurement } from '../distill/tasks/task';
import type { ReliabilityBins } from '../nn/calibration';
import type { ByLearner, FurtherScores, Learner } from './events';

type ById<T> = Record<string, ByLearner<T>>;

export class Measurements {
  readonly scores: ById<number> = {};
  /** Empty for classes. */
  private readonly perTarget: ById<number[]> = {};
  private readonly furtherScores: ById<number> = {};
  private readonly reliability: ByLearner<ReliabilityBins> = {};
  private readonly fidelity: ById<number[]> = {};

  add(learner: Learner, { scores, perTarget = {} }: Pick<Measurement, 'scores' | 'perTarget'>): this {
    enter(this.scores, learner, scores);
    enter(this.perTarget, learner, perTarget);
    return this;
  }

  addFurther(learner: Learner, { scores, reliability, fidelity = {} }: FurtherMeasurement): this {
    enter(this.furtherScores, learner, scores);
    enter(this.fidelity, learner, fidelity);
    if (reliability) this.reliability[learner] = reliability;
    return this;
  }

  /** To be spread into an event: nothing for classes. */
  get ofTargets(): { perTarget?: ById<number[]> } {
    return filled({ perTarget: this.perTarget });
  }

  /** To be spread into an event. */
  get further(): FurtherScores {
    return filled({
      further: this.furtherScores,
      reliability: this.reliability,
      fidelity: this.fidelity,
    });
  }
}

function enter<T>(into: ById<T>, learner: Learner, values: Readonly<Record<string, T>>): void {
  for (const [id, value] of Object.entries(values)) (into[id] ??= {})[learner] = value;
}

/** Without what is empty. */
function filled<T extends Record<string, object>>(parts: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(parts).filter(([, part]) => Object.keys(part).length > 0),
  ) as Partial<T>;
}
