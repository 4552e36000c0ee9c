import type { KnobValue } from '../distill/knobs';
import type { Recipe } from '../distill/recipe';
import type { Learner, Phase, RunFacts, WatchedImage } from '../training/events';

/** Columns by step; a missing value is NaN. */
export interface Table {
  steps: ArrayLike<number>;
  columns: Record<string, ArrayLike<number>>;
}

/** A run as plain data. */
export interface RunRecord {
  name: string;
  number: number;
  recipe: Recipe;
  facts: RunFacts | null;
  final: Partial<Record<Learner, number>> | null;
  perClass: Partial<Record<Learner, number[]>> | null;
  seconds: number | null;
  knobs: { phase: Phase; step: number; path: string; from: KnobValue; to: KnobValue }[];
  steps: Record<Phase, Table>;
  evaluations: Record<Phase, Table>;
  watched: WatchedImage[];
  /** The watched images over time: [N] values per quantity ("loss:ce", "weight:kd"). */
  moments: { step: number; values: Record<string, ArrayLike<number>> }[];
}
