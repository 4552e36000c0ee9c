/** The output of a format reader: images as bytes of one size, labels as they were written. */
import type { Role } from './paths';

/** Labels before they become class numbers. */
export type Labels = ClassLabels | SeveralLabels;

/** One label per image. */
export type ClassLabels =
  | {
      kind: 'numbers';
      values: ArrayLike<number>;
      /** Where each came as a row of zeros with one 1, which may be several labels too: the length of the row. */
      oneHot?: number;
    }
  | { kind: 'texts'; values: string[] };

/** Targets of one image: zeros and ones of several labels, or numbers. */
export interface RowTargets {
  of: 'labels' | 'numbers';
  values: readonly number[];
}

/** The same per image, all of one width. */
export interface SeveralLabels {
  kind: 'several';
  of: RowTargets['of'];
  width: number;
  values: ArrayLike<number>[];
}

/** A contiguous range of images that the files assign to one split. */
export interface RawPart {
  /** The split that the files state, or null. */
  role: Role | null;
  count: number;
  labels: Labels;
}

export interface RawDataset {
  height: number;
  width: number;
  /** 1 or 3 */
  channels: number;
  /** [N*height*width*channels], parts in order. Owned by the raw data set, and rearranged in place by `assemble`. */
  images: Uint8Array;
  parts: RawPart[];
  /** Names for numeric labels, from a file beside the data. */
  names: string[] | null;
  /** [N] names or paths of the images in the source, where they have such. */
  rowNames?: readonly string[];
  /** Titles of the targets, such as those of their columns. */
  titles?: readonly string[];
  /** Whether it is decided that the labels are classes, even if they are numbers. */
  areClasses?: boolean;
  /** Whether the labels are rather numbers than classes, as ages are; the user may decide otherwise. */
  areMeasured?: boolean;
}
