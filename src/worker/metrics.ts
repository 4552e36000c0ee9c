/** What a run leaves as a file: its recipe, what was measured on the way, and how it ended. */
import type { BackendChoice } from '../engine/backend-names';
import type { Recipe } from '../distill/recipe';
import type { InstanceSnapshot, Learner, Phase, RunEvent, RunFacts, WatchedImage } from '../training/events';

export interface EvaluationRecord {
  phase: Phase;
  step: number;
  split: 'validation' | 'test';
  /** 0..1 per learner */
  accuracy: Partial<Record<Learner, number>>;
  trainAccuracy: Partial<Record<Learner, number>>;
  /** Mean loss on the evaluated images per learner. */
  loss: Partial<Record<Learner, number>>;
  /** Named parts of the training loss at the last step before the evaluation. */
  losses: Record<string, number>;
}

export interface Metrics {
  recipe: Recipe;
  backend: BackendChoice['name'];
  device: string;
  facts: RunFacts;
  evaluations: EvaluationRecord[];
  watchedImages: WatchedImage[];
  watched: Pick<InstanceSnapshot, 'step' | 'weights' | 'losses'>[];
  warnings: string[];
  /** Middle of the measured speeds of the student's run; null for a run too short to measure. */
  stepsPerSecond: number | null;
  stopped: boolean;
  /** Accuracy on the whole test split, 0..1 per learner. */
  final: Partial<Record<Learner, number>>;
  /** The same per class, in the order of `facts.dataset.classes`. */
  perClass: Partial<Record<Learner, number[]>>;
  seconds: number;
}

/** Gathers the metrics of one run from its events. */
export class MetricsRecorder {
  private readonly backend: BackendChoice;
  private started: Extract<RunEvent, { type: 'started' }> | null = null;
  private finished: Extract<RunEvent, { type: 'finished' }> | null = null;
  private lastLosses: Record<string, number> = {};
  private readonly evaluations: EvaluationRecord[] = [];
  private readonly watched: Metrics['watched'] = [];
  private readonly warnings: string[] = [];
  private speeds: number[] = [];

  constructor(backend: BackendChoice) {
    this.backend = backend;
  }

  record(event: RunEvent): void {
    switch (event.type) {
      case 'started':
        this.started = event;
        break;
      case 'phase':
        this.lastLosses = {};
        this.speeds = [];
        break;
      case 'speed':
        this.speeds.push(event.stepsPerSecond);
        break;
      case 'step':
        this.lastLosses = event.values;
        break;
      case 'evaluation': {
        const { phase, step, split, accuracy, trainAccuracy, loss } = event;
        this.evaluations.push({ phase, step, split, accuracy, trainAccuracy, loss, losses: this.lastLosses });
        break;
      }
      case 'instances': {
        const { step, weights, losses } = event.snapshot;
        this.watched.push({ step, weights, losses });
        break;
      }
      case 'warning':
        this.warnings.push(event.text);
        break;
      case 'finished':
        this.finished = event;
        break;
    }
  }

  /** Null until the run has finished. */
  result(): Metrics | null {
    const { started, finished } = this;
    if (!started || !finished) return null;
    return {
      recipe: started.recipe,
      backend: this.backend.name,
      device: this.backend.device,
      facts: started.facts,
      evaluations: this.evaluations,
      watchedImages: started.watched.images,
      watched: this.watched,
      warnings: this.warnings,
      stepsPerSecond: this.speeds.toSorted((a, b) => a - b)[this.speeds.length >> 1] ?? null,
      stopped: finished.stopped,
      final: finished.final,
      perClass: finished.perClass,
      seconds: finished.seconds,
    };
  }
}
