/** Everything that another program needs to continue a recipe with the numbers of a run of this page. Types only. */
import type { Dataset, Split, Targets } from '../data/dataset';
import type { Recipe } from '../distill/recipe';
import type { WrittenNetwork } from '../nn/graph/emit';
import type { NamedArray } from '../nn/layouts';
import type { FeedAbout } from '../nn/weights-about';

/** A data set without its inputs, which are packed separately. */
export interface SetAbout extends Pick<
  Dataset,
  'id' | 'title' | 'task' | 'inputs' | 'target' | 'attribution'
> {
  train: Omit<Split, 'inputs'>;
  test: Omit<Split, 'inputs'>;
}

export interface ExportBundle {
  recipe: Recipe;
  /** As imported, before downsampling. */
  dataset: SetAbout;
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
  teachers: { network: string; written: WrittenNetwork; weights: NamedArray[] }[];
  /** The student's computation. */
  writtenStudent: WrittenNetwork;
  /** The student's present weights. */
  student: NamedArray[];
  /** The student's initial weights. */
  studentStart: NamedArray[];
  /** Initial weights of the hints' modules: "fitnet.conv.weight". */
  hintsStart: NamedArray[];
  /** Rows of the first batch, and its mean losses in training mode without augmentation: the task's own by its key, and each hint's. */
  firstBatch: { rows: number[]; losses: Record<string, number> };
  /**
   * The task's first score on the whole test split: of the student with the weights above and of the teacher, where
   * there is one, uncorrupted.
   */
  score: { student: number; teacher?: number };
}
