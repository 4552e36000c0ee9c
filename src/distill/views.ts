/**
 * What the page draws of an idea beside the common curves: plain data, one type per picture. A view replaces the one of
 * the same `view` and `title` before it.
 */
import type { TaskId } from '../data/dataset';

/** A teacher's training as a route, with the states that the student is led along. */
export interface RouteView {
  view: 'route';
  title: string;
  /**
   * What everything here was measured on: images that the teacher did not learn from, or, without a validation split,
   * images that it did. Missing in runs stored by earlier versions.
   */
  images?: 'validation' | 'learned';
  /** What the numbers called `accuracy` are: the first score of this task; missing for classification. */
  task?: TaskId;
  /** Per recorded state: the epoch after which it was taken and its score on these images. */
  states: { epoch: number; accuracy: number }[];
  /** Indices into `states`, in order; with the student's step at which each became the teacher, if it has. */
  anchors: { state: number; fromStep: number | null; why: string }[];
  /** Greedy search: the criterion's value per state when the next anchor was last chosen, with its limit. */
  criterion: { label: string; values: (number | null)[]; limit: number } | null;
  /** Distance of the student from each anchor (mean KL divergence, or squared difference) and the student's score, per measurement. */
  student: { step: number; accuracy: number; gaps: number[] }[];
}

/** Several answers to the same images: granularities, members of an ensemble, specialists. */
export interface PredictionsView {
  view: 'answers';
  title: string;
  /** Says what to look for. */
  line: string;
  /** Who answers, e.g. "abstract", "normal", "detailed". */
  names: string[];
  classes: number;
  /** As in a `RouteView`: probabilities are then numbers in the target's unit, or of one label each. */
  task?: TaskId;
  /** Per name: [N*C] probabilities on the watched images. */
  probabilities: number[][];
  /** Per name: which classes it answers for; null for all. */
  covers: (number[] | null)[];
  /** Per name: first score of the task on its own classes and on the others, where that was measured. */
  accuracy: ({ own: number; others: number | null } | null)[];
}

/** Per watched image or pair of images: maps, matrices and distributions that a hint compares. */
export interface MethodView {
  view: 'look';
  /** Key of the hint. */
  title: string;
  /** Says what to look for. */
  line: string;
  panels: MethodViewPanel[];
}
export interface MethodViewPanel {
  label: string;
  /** Panels of the same label are one comparison: the teacher's side, the student's, and what is between them. */
  who: 'teacher' | 'student' | 'difference' | null;
  /**
   * `maps`: [N,h,w] one small picture per watched image; `matrix`: [N,N] over the watched images; `bars`: [N,C] one
   * distribution per watched image; `levels`: [rows, columns] of a small table with `rows` and `columns` as names.
   */
  kind: 'maps' | 'matrix' | 'bars' | 'levels';
  shape: number[];
  values: Float32Array;
  rows?: string[];
  columns?: string[];
  /** Rows and columns of `levels` are the classes. */
  over?: 'classes';
}

/** Predictions of each network over the plane of a table with two columns. */
export interface PlaneView {
  view: 'plane';
  title: string;
  /** Names of the columns: across, upwards. */
  columns: string[];
  /** Lowest and highest value of each column, as the file has them. */
  ranges: { low: number; high: number }[];
  /** Cells across and upwards. */
  side: number;
  /** What the cells hold: a class or label each with its probability, or the first number of the target. */
  shows: 'classes' | 'labels' | 'numbers';
  /** Of the first number of the target over the training rows, where numbers are shown. */
  numbers?: { low: number; high: number };
  areas: PlaneArea[];
  /** Rows of the training set, at most some hundreds, in all arrays in one order. */
  points: {
    /** [2P] values of both columns per row */
    at: Float32Array;
    /** [P] class, first label (-1 for none), or number */
    target: Float32Array;
    /** [P] 1 where the student is given the target */
    labelled: Uint8Array;
  };
  /** [4A] of rows that a loss has moved: where each was and where it went, as the file has them. */
  arrows?: Float32Array;
}
export interface PlaneArea {
  who: 'teacher' | 'student' | 'control' | 'hard' | 'full' | 'rounded';
  /** [side*side] row by row from below: number of the predicted class or label */
  cells: Uint16Array;
  /** [side*side] its probability, or the place of the number between low and high, 0..255 */
  levels: Uint8Array;
}

/** What the teacher sees in pictures that belong to no class: how much they can teach. */
export interface StimuliView {
  view: 'stimuli';
  title: string;
  /** Stimuli in all; some of them are shown. */
  count: number;
  height: number;
  width: number;
  channels: number;
  /** [S*H*W*C] bytes */
  pixels: Uint8Array;
  /** [S*C] the teacher's */
  probabilities: Float32Array;
  /** [C] share of all stimuli that each class is the teacher's top one for */
  histogram: number[];
  /** exp of the histogram's entropy. */
  effectiveClasses: number;
  /** Mean entropy of the answers, in nats. */
  entropy: number;
  /** Mutual information of stimulus and class, in nats. */
  information: number;
}

/** Pictures that a generator makes, over its training, and which of them are kept. */
export interface GeneratedView {
  view: 'generated';
  title: string;
  height: number;
  width: number;
  channels: number;
  /** What the rows of the grid are made for: classes, or values with their unit. */
  names: string[];
  /**
   * Steps of the generator at which the columns were made, from the same noise; all 0 for one that was trained before,
   * whose columns are of different noise.
   */
  steps: number[];
  /** [names*steps*H*W*C] bytes */
  pixels: Uint8Array;
  /** [steps], or one for a generator that was trained before: of the teacher the share of pictures in which it sees their class, or its mean absolute error; none without a teacher. */
  agreement: number[];
  /** Unit of the agreement, where it is an error. */
  unit?: string;
  /** Once pictures have been sampled. */
  sampled?: {
    draws: number;
    /** Pictures that were kept, of all draws. */
    kept: number;
    accepted: SampledPictures;
    rejected: SampledPictures;
  };
  /** Once they have been filtered. */
  filtered?: {
    /** Cross-entropy of the teacher, or its absolute error in the unit. */
    measure: 'cross-entropy' | 'error';
    high: number;
    /** Pictures in equal parts from 0 to `high`; larger ones are in the last. */
    kept: number[];
    dropped: number[];
    /** Of each class, or one for all numbers. */
    cuts: number[];
    /** Share of kept pictures that got another class than they were made for, or mean change of their value. */
    changed: number;
  };
}
export interface SampledPictures {
  /** [N*H*W*C] bytes */
  pixels: Uint8Array;
  /** [N] density ratio of each */
  ratios: number[];
}

/** Kernels of a student in low precision: what is trained, and the levels that are computed with. */
export interface WeightsView {
  view: 'weights';
  title: string;
  /** Says what to look for. */
  line: string;
  layers: {
    name: string;
    /** Weights lie between -range and range. */
    range: number;
    /** Share of the trained weights in equal parts of the range. */
    shares: number[];
    /** Levels in use; none where there are too many to be told apart. */
    levels: { at: number; share: number }[];
    /** How many levels are in use. */
    used: number;
    /** Share of the weights that are computed with as 0. */
    zeros: number;
  }[];
  /** Further rounded layers. */
  more: number;
  /** Per rounded activation the layer before it, and the share of what comes to it above 1, which is cut off. */
  activations: { after: string; above: number }[];
}

/** Where the teacher's features of the tracked samples lie, of both domains, on their two principal axes. */
export interface DomainsView {
  view: 'domains';
  title: string;
  /** [2N] */
  points: Float32Array;
  /** [N] 1 in the second domain (target) */
  target: Uint8Array;
  /** [N] true class, -1 where there is none */
  labels: Int16Array;
}

export type View =
  | RouteView
  | PredictionsView
  | MethodView
  | PlaneView
  | StimuliView
  | GeneratedView
  | DomainsView
  | WeightsView;
