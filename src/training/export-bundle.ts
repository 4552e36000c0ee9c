/** Everything that another program needs to continue a recipe with the numbers of a run of this page. Types only. */
import type { ImageSetAbout } from '../data/labelled-images';
import type { Recipe } from '../distill/recipe';
import type { WrittenNetwork } from '../nn/graph/emit';
import type { NamedArray } from '../nn/layouts';

export interface ExportBundle {
  recipe: Recipe;
  /** As imported, before downsampling. */
  dataset: ImageSetAbout;
  /** One per hint of the recipe. */
  hintKeys: string[];
  /** Input shape of the student, [h,w,c]; downsampled if the recipe says so. */
  input: [number, number, number];
  /** Of pixels from 0 to 1. */
  normalisation: { mean: number; deviation: number };
  /** What the teachers are given, where that is another view than the student's. */
  teacherFeed?: { input: [number, number, number]; normalisation: { mean: number; deviation: number } };
  /** Rows of the training split by their role; other rows are left out. */
  rows: { labelled: Int32Array; unlabelled: Int32Array; meta: Int32Array; validation: Int32Array };
  /** [Ntrain] the label given to the student, -1 for none */
  givenLabels: Int32Array;
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
  /** Rows of the first batch, and its mean losses in training mode without augmentation. */
  firstBatch: { rows: number[]; losses: Record<string, number> };
  /** On all test images, 0..1: of the student with the weights above and of the teacher, where there is one, unspoiled. */
  accuracy: { student: number; teacher?: number };
}
