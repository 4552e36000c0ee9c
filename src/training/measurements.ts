/** Measurements of several learners, collected as events carry them. */
import type { Measurement } from '../distill/tasks/task';
import type { ByLearner, Learner } from './events';

export class Measurements {
  readonly scores: Record<string, ByLearner<number>> = {};
  /** Empty for classes. */
  private readonly perTarget: Record<string, ByLearner<number[]>> = {};

  add(learner: Learner, { scores, perTarget = {} }: Pick<Measurement, 'scores' | 'perTarget'>): this {
    for (const [id, value] of Object.entries(scores)) (this.scores[id] ??= {})[learner] = value;
    for (const [id, values] of Object.entries(perTarget)) (this.perTarget[id] ??= {})[learner] = values;
    return this;
  }

  /** To be spread into an event: nothing for classes. */
  get ofTargets(): { perTarget?: Record<string, ByLearner<number[]>> } {
    return Object.keys(this.perTarget).length > 0 ? { perTarget: this.perTarget } : {};
  }
}
