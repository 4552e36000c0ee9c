/** What another program needs to go on with a recipe as a run of this page does it. Types only. */
import type { ImageSetAbout } from '../data/labelled-images';
import type { Recipe } from '../distill/recipe';
import type { WrittenNetwork } from '../nn/graph/emit';
import type { NamedArray } from '../nn/layouts';

export interface ExportBundle {
  recipe: Recipe;
  /** As it was read, before halving. */
  dataset: ImageSetAbout;
  /** One per hint of the recipe. */
  hintKeys: string[];
  /** Images as the networks see them, [h,w,c]; halved if the recipe says so. */
  input: [number, number, number];
  /** Of pixels from 0 to 1. */
  normalisation: { mean: number; deviation: number };
  /** Rows of the training split by what the student may make of them; the rest is left out. */
  rows: { labelled: Int32Array; unlabelled: Int32Array; meta: Int32Array; validation: Int32Array };
  /** [Ntrain] the label the student is given, -1 for none */
  givenLabels: Int32Array;
  /** The teacher's networks; those of an ensemble answer together, and hints look at the first one's maps. */
  teachers: { network: string; written: WrittenNetwork; weights: NamedArray[] }[];
  /** As it stands now. */
  student: NamedArray[];
  /** As it was before its first step. */
  studentStart: NamedArray[];
  /** What hints train, before the first step: "fitnet.conv.weight". */
  hintsStart: NamedArray[];
  /** The first batch, its images neither moved nor mirrored, and the means of its losses in training mode. */
  firstBatch: { rows: number[]; losses: Record<string, number> };
  /** On all test images, 0..1: of the student with the weights above and of the teacher, where there is one, unspoiled. */
  accuracy: { student: number; teacher?: number };
}
