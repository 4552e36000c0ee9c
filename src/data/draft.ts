/** What a reader hands to the common rules: images as bytes of one size, labels as they were written. */
import type { Role } from './paths';

/** Labels before they become class numbers. */
export type Labels = { kind: 'numbers'; values: ArrayLike<number> } | { kind: 'texts'; values: string[] };

export interface Part {
  /** The split the files speak of, or null. */
  role: Role | null;
  count: number;
  /** [count*height*width*channels] */
  images: Uint8Array;
  labels: Labels;
}

export interface Draft {
  height: number;
  width: number;
  /** 1 or 3 */
  channels: number;
  parts: Part[];
  /** Names for label numbers, from a file beside the data. */
  names: string[] | null;
}
