/** The half of a hint, weighting, teacher or method that carries no tensor: what the page and the docs read. */
import type { Knobs } from './knobs';

export interface Citation {
  authors: string;
  title: string;
  venue: string;
  year: number;
  url?: string;
}

/** How faithful an implementation is to what was published. */
export type Badge = 'equal to reference code' | 'restated from the paper' | 'reconstruction' | 'our design';

/** Which part of a network a hint looks at. */
export type HintKind = 'logits' | 'features' | 'relations';

export interface HintAbout<K extends Knobs = Knobs> {
  id: string;
  title: string;
  kind: HintKind;
  /** One line: what is taught. */
  line: string;
  paper: Citation;
  badge: Badge;
  /** TeX of the per-instance loss. */
  formula: string;
  /** Weight a new recipe gives it under fixed weights (the benchmark's value unless noted). */
  defaultWeight: number;
  knobs: K;
  /** A sentence when the hint cannot work with this pair of networks and data, else null. */
  refuse?: (pair: PairFacts) => string | null;
}

/** What is known of a pair before anything is built: shapes without the batch axis. */
export interface PairFacts {
  classes: number;
  student: TraceShapes;
  teacher: TraceShapes;
}
export interface TraceShapes {
  stem: readonly number[];
  stages: readonly (readonly number[])[];
  embedding: readonly number[];
}

export interface AxisAbout<K extends Knobs = Knobs> {
  id: string;
  title: string;
  line: string;
  paper?: Citation;
  badge?: Badge;
  formula?: string;
  knobs: K;
}
