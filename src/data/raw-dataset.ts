/** What a reader hands to the common rules: images as bytes of one size, labels as they were written. */
import type { Role } from './paths';

/** Labels before they become class numbers. */
export type Labels = { kind: 'numbers'; values: ArrayLike<number> } | { kind: 'texts'; values: string[] };

/** A stretch of a raw data set's images that the files put into one split. */
export interface RawPart {
  /** The split the files speak of, or null. */
  role: Role | null;
  count: number;
  labels: Labels;
}

export interface RawDataset {
  height: number;
  width: number;
  /** 1 or 3 */
  channels: number;
  /** [N*height*width*channels], the parts one after the other. The raw data set owns them: who takes it may rearrange them. */
  images: Uint8Array;
  parts: RawPart[];
  /** Names for label numbers, from a file beside the data. */
  names: string[] | null;
}
