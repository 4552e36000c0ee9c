/** Images with a class each, stored as bytes: the result of image readers and the input of manual edits. */

/** Images of one split, NHWC, 0..255. */
export interface ImageSplit {
  /** [N*H*W*C] */
  images: Uint8Array;
  /** [N] class numbers 0..K-1 */
  labels: Int32Array;
  count: number;
}

export interface Attribution {
  text: string;
  licence: string;
  url?: string;
}

export interface LabelledImages {
  /** Stable id: a bundled set's id, or "upload". */
  id: string;
  title: string;
  height: number;
  width: number;
  /** 1 (grey) or 3 (colour) */
  channels: number;
  classes: string[];
  train: ImageSplit;
  test: ImageSplit;
  attribution?: Attribution;
}

/** A data set without its images. */
export interface ImageSetAbout extends Omit<LabelledImages, 'train' | 'test'> {
  train: Omit<ImageSplit, 'images'>;
  test: Omit<ImageSplit, 'images'>;
}
