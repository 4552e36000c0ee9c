/** Everything that another program needs to continue a recipe with the numbers of a run of this page. Types only. */
import type { Dataset, Split, Targets } from '../data/dataset';
import type { Recipe } from '../distill/recipe';
import type { CodeWidths } from '../distill/teachers/granular/heads';
import type { Precision } from '../nn/low-precision';
import type { EluCnn } from '../nn/networks/elu-cnn';
import type { NamedArray } from '../nn/layouts';
import type { FeedAbout } from '../nn/weights-about';
import type { StoppedState } from './stopped-state';

/** A data set without its inputs, which are packed separately. */
export interface SetAbout extends Pick<
  Dataset,
  'id' | 'title' | 'task' | 'inputs' | 'target' | 'attribution'
> {
  train: Omit<Split, 'inputs'>;
  test: Omit<Split, 'inputs'>;
}

/** What a teacher's network is put together of, where it has no name of its own (nn/network-names.ts). */
export type NetworkParts =
  /** Branches side by side, the mean of whose scores of a class is its answer. */
  | {
      kind: 'specialists';
      branches: readonly {
        /** A name, or the layers. */
        network: string | EluCnn;
        /** Those of its outputs, in their order; a last one more is for “none of mine”. */
        classes: readonly number[];
        outputs: number;
      }[];
      /** Whether scores are a branch's outputs after a softmax. */
      softmax: boolean;
      /** Filters of the layer that all share, 0 for none. */
      trunk: number;
    }
  /** Heads on a network's embedding of so many features; `mean`: whether the logits are the mean of its own and both heads'. */
  | { kind: 'heads'; network: string; features: number; widths: CodeWidths; mean: boolean }
  /** So many networks like the student, and what fuses their maps. */
  | { kind: 'fused'; students: number };

export interface LeavingTeacher {
  /** Its name, or for people what it is. */
  network: string;
  parts?: NetworkParts;
  weights: NamedArray[];
  /** Of one that learns in the student's steps: before the first of them. */
  start?: NamedArray[];
}

/** What a teacher that leaves without networks shows for each instance of the studied set. */
export interface LeavingAnswers {
  /** Instances of training and of test, in their order; 0 of test where it has no answers there. */
  train: number;
  test: number;
  /** Parts of its trace, with rows of training first, then those of test. */
  parts: readonly {
    /** Its name in a trace: "logits", "stages/0". */
    part: string;
    /** Of one instance. */
    shape: readonly number[];
    /** [rows, ...shape] */
    values: Float32Array;
  }[];
  /** Stages of its trace; those that no loss reads are not among `parts`. */
  stages: number;
  /** Names of the members that take turns: their outputs are "more/NAME" in `parts`. Else none. */
  members: string[];
  /** Whether it would answer otherwise for an image that is moved. */
  isOfPlainImages: boolean;
}

export interface ExportBundle {
  recipe: Recipe;
  /** As studied, before downsampling. */
  dataset: SetAbout;
  /** The set that is studied, where the recipe changes images of the imported one or adds some; `dataset` is about it then. */
  studied?: Dataset;
  /** One per hint of the recipe. */
  hintKeys: string[];
  /** What the student is given, downsampled if the recipe says so, and asked. */
  feed: FeedAbout;
  /** The same of the teachers, where they see another view than the student. */
  teacherFeed?: FeedAbout;
  /** Rows of the training split by their role; other rows are left out. */
  rows: { labelled: Int32Array; unlabelled: Int32Array; meta: Int32Array; validation: Int32Array };
  /** Of the training split: the targets that the student is given; elsewhere none is known. */
  given: Targets;
  /** The teacher's networks; the logits of an ensemble are averaged, and its features are those of the first network. */
  teachers: LeavingTeacher[];
  /**
   * Of a teacher's route: its legs, each with the number of its state in `teachers`, where it begins (0..1 of the run), and whether
   * it is the present one.
   */
  route?: { teacher: number; begins: number; present: boolean }[];
  /** In place of networks. */
  answers?: LeavingAnswers;
  /** Times that each row occurs in an epoch, once for each member of the teacher. */
  copies: number;
  /** Of the student, where a part of it is in low precision; null in full. */
  precision: Precision | null;
  /** The student's present weights. */
  student: NamedArray[];
  /** The student's initial weights. */
  studentStart: NamedArray[];
  /** Initial weights of the hints' modules: "fitnet.conv.weight". */
  hintsStart: NamedArray[];
  /** First values of a weighting that learns. */
  weightingStart: NamedArray[];
  /**
   * Where the student stands between two steps, of a run that has not reached its end, or why it cannot go on from there
   * elsewhere, a sentence. Left out where the weights are others than its present ones, or steps run.
   */
  stopped?: StoppedState | { why: string };
  /** Whether a hint compares a strongly changed view of each instance. */
  strongView: boolean;
  /** Rows of the first batch, those with a label first, and its mean losses in training mode without augmentation: the task's own by its key, and each hint's. */
  firstBatch: {
    rows: number[];
    labelled: number;
    /** The rows that the teacher looks at, where these are others. */
    partners?: number[];
    /** For which member each row is a copy, where a teacher's members have copies. */
    members?: number[];
    losses: Record<string, number>;
  };
  /**
   * The task's first score on the whole test split: of the student with the weights above and of the teacher, where
   * there is one, uncorrupted.
   */
  score: { student: number; teacher?: number };
}
