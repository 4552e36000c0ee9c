/** The half of a hint, weighting, teacher or method that carries no tensor: what the page and the docs read. */
import type { InputSpec, TargetSpec } from '../data/dataset';
import type { Venue } from './venues';
import type { Knobs, KnobValues, OfKnobs, ValuesOf } from './knobs';

export interface Citation {
  /** Surnames, separated by commas; "et al." after the first where they are many. */
  authors: string;
  title: string;
  venue: Venue;
  year: number;
  url?: string;
}

/** The halves of a title: "DKD · Decoupled KD" -> abbreviation "DKD", name "Decoupled KD"; "Logit matching" has no abbreviation. */
export function splitTitle(title: string): { abbreviation: string | null; name: string } {
  const [first, ...rest] = title.split(' · ');
  return rest.length === 0
    ? { abbreviation: null, name: title }
    : { abbreviation: first!, name: rest.join(' · ') };
}

/** How faithful an implementation is to what was published. */
export type Badge = 'equal to reference code' | 'restated from the paper' | 'reconstruction' | 'our design';

/** Groups of losses in the page: losses of logits, of features inside the networks, of how images relate to each other. */
export type HintKind = 'logits' | 'features' | 'relations';

export const kindTitles = {
  logits: 'Logit-based',
  features: 'Feature-based',
  relations: 'Relation-based',
} as const satisfies Record<HintKind, string>;

/**
 * A part of a teacher's trace that a loss reads: its `output`; the features of its network (`stem`, `stages` after the
 * activation, `preActivations` of the same stages before it, `embedding`); `more`, which only some kinds of teachers have;
 * `gradients` of its outputs by its inputs, for losses that ask it about inputs that they have moved.
 */
export type Read = 'output' | Feature | 'more' | 'gradients';
export type Feature = 'stem' | 'stages' | 'preActivations' | 'embedding';

/** How the numbers of a feature lie: channels over places [h,w,c], one vector per token [n,d], or one vector [d]. */
export type Layout = 'map' | 'tokens' | 'vector';

export type InputKind = InputSpec['kind'];
export type TargetKind = TargetSpec['kind'];
/** For losses that use neither targets nor outputs. */
export const anyTarget = ['class', 'number', 'labels'] as const satisfies readonly TargetKind[];

export interface HintAbout<K extends Knobs = Knobs> {
  id: string;
  title: string;
  kind: HintKind;
  /**
   * What it reads of the teacher, nothing where it needs none; a function where knobs decide. Which teachers it can learn
   * from, and what of them is remembered per image, follows from it.
   */
  reads: readonly Read[] | OfKnobs<K, readonly Read[]>;
  /** Layouts that it can take of the features that it reads; any where left out. */
  layouts?: readonly Layout[];
  /** Kinds of targets for which it means something. */
  targets: readonly TargetKind[];
  /** Kinds of inputs that it can work with; any where left out. */
  inputs?: readonly InputKind[];
  /** The loss of an image may be below zero: it is drawn on a linear axis, and weightings keep its sign. */
  mayBeNegative?: true;
  /** One line: what is taught. */
  line: string;
  paper: Citation;
  badge: Badge;
  /** TeX of the per-instance loss. */
  formula: string;
  /** Weight a new recipe gives it under fixed weights (the benchmark's value unless noted). */
  defaultWeight: number | 'published';
  /** What was published, where a new recipe takes another number, or one that depends on the size of the images. */
  published?: {
    weight: number;
    /**
     * The loss goes with the size of the images: the weight is multiplied by (side of the student's images / `side`)
     * to this power.
     */
    scaling?: { side: number; power: OfKnobs<K, number> };
    /** Why a new recipe does not take the number as it stands, a sentence. */
    why?: string;
  };
  knobs: K;
  /** Steps of its prelude (see `Prelude` in hints/hint.ts), given the student's own; none when left out or 0. */
  preludeSteps?(this: void, knobs: ValuesOf<K>, studentSteps: number): number;
  /** A sentence when it cannot work with this pair of networks and data beyond what `reads`, `layouts` and `targets` say, else null. */
  refuse?(this: void, pair: PairFacts, knobs: ValuesOf<K>): string | null;
  /** Asks for strongly changed copies of the batch's images, which the student sees beside them (`HintContext.strong`). */
  strongView?: true;
  /** A probe that is 0 where the loss finds nothing to do, and what is said if it is so in each of the first steps. */
  idle?: { probe: string; steps: number; text: string };
  /** A sentence when only a part of it works with this pair, else null; it is told once, before the run. */
  note?(this: void, pair: PairFacts, knobs: ValuesOf<K>): string | null;
}

/** What a loss reads of the teacher with these knobs. */
export function readsOf({ reads }: HintAbout, knobs: KnobValues): readonly Read[] {
  return typeof reads === 'function' ? reads(knobs) : reads;
}

/** Whether a loss reads nothing of a teacher, and so needs none. */
export function isTeacherFree({ reads }: HintAbout): boolean {
  return typeof reads !== 'function' && reads.length === 0;
}

/** Whether a loss compares with the teacher's output whatever its knobs say, so that targets made of it can stand in its place. */
export function isOfOutput({ reads }: HintAbout): boolean {
  return typeof reads !== 'function' && reads.includes('output');
}

/** Whether these are all had from a teacher that shows its outputs alone. */
export function isOutputOnly(reads: readonly Read[]): boolean {
  return !reads.some((read) => isFeature(read) || read === 'gradients');
}

/** Whether it is a feature of the teacher's network, which has a layout. */
export const isFeature = (read: Read): read is Feature =>
  read !== 'output' && read !== 'more' && read !== 'gradients';

/** What is known of a pair before anything is built: shapes without the batch axis. */
export interface PairFacts {
  input: InputKind;
  target: TargetKind;
  outputs: number;
  /** Images per batch of the student. */
  batch: number;
  student: TraceShapes;
  /** `outputOnly` where there is no teacher, or one that shows its outputs alone. */
  teacher: TraceShapes;
  /** True where the teacher sees another view of an instance than the student. */
  otherView?: boolean;
  /** True where the teacher's answers are recorded by rows of the set, so that it cannot be asked about changed instances. */
  byRows?: boolean;
  /** True where the teacher has learned other targets than the set's: its features are shown, its outputs say nothing. */
  featuresOnly?: boolean;
  /** Names of the networks, null for a teacher that is no single network. */
  names: { student: string; teacher: string | null };
}
export interface TraceShapes {
  stem: readonly number[];
  stages: readonly (readonly number[])[];
  embedding: readonly number[];
  /** Set where stages are shown after their activation alone. */
  onlyActivated?: true;
  /** What a kind of teacher shows beyond that (see `TraceOf.more`). */
  more?: Readonly<Record<string, readonly number[]>>;
}

/** The trace of a teacher that shows its outputs alone. */
export const outputOnly: TraceShapes = { stem: [], stages: [], embedding: [] };

export interface TeacherAbout<K extends Knobs = Knobs> extends AxisAbout<K> {
  /**
   * What the student's size is held against: `all` networks of the cost sheet together (what the student stands in
   * for), the `first` of them (the others only help to make it), or nothing: learners of any size may teach each other.
   */
  size: 'all' | 'first' | 'free';
  /**
   * Whether, with these knobs, it is trained before the student's first step, by its own part of the recipe and the data
   * alone. Such a teacher is kept, and shared by runs (`teachers/teacher-key.ts`). Left out: never.
   */
  trainedBefore?(this: void, knobs: ValuesOf<K>): boolean;
  /** Names of knobs that say how the trained teacher is shown, and nothing about its training. */
  shownBy?: readonly (keyof K & string)[];
  /** It learns in the student's steps, from the student's labels. */
  learnsBeside?: true;
  /**
   * Whether, with these knobs, its trace is a table by rows of the set, so that it is shown row numbers in place of inputs
   * (`modalities/row-source.ts`). Left out: never.
   */
  byRows?(this: void, knobs: ValuesOf<K>): boolean;
  /**
   * Whether, with these knobs, it is a model of another program that is only asked: elsewhere it is known by its answers to
   * the instances of the set, and not by its network. Left out: never.
   */
  answersAlone?(this: void, knobs: ValuesOf<K>): boolean;
  /** Whether, with these knobs, it comes from a user's files. Left out: never. */
  fromFiles?(this: void, knobs: ValuesOf<K>): boolean;
  /** What the result calls those who teach; "the teacher" where left out. */
  called?: string;
  /** Kinds of targets that such a teacher can have; any where left out. */
  targets?: readonly TargetKind[];
}

export interface WeightingAbout<K extends Knobs = Knobs> extends AxisAbout<K> {
  /** Its weights differ from instance to instance. */
  perInstance: boolean;
  /** Whether it learns from labelled instances of the student's own batches, with these knobs; left out for never. */
  asksLabels?(this: void, knobs: ValuesOf<K>): boolean;
  /** Labelled instances of each class that it keeps apart and learns from, with these knobs; left out for none. */
  extraPerClass?(this: void, knobs: ValuesOf<K>): number;
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
