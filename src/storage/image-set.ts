/** Handles of sets whose instances are images, for what shows, edits or exports images. */
import { onlyView } from '../data/dataset';
import type { ImageSetAbout } from '../data/labelled-images';
import type { SetHandle, SplitHandle } from './set-handle';

/** A set of images with targets of any kind. */
export interface ImageSet extends SetHandle {
  readonly height: number;
  readonly width: number;
  /** 1 (grey) or 3 (colour) */
  readonly channels: number;
}

interface LabelledSplitHandle extends SplitHandle {
  /** [N] class numbers 0..K-1 */
  labels: Int32Array;
}

/** A set of images with a class each. */
export interface LabelledImageSet extends ImageSet, Pick<ImageSetAbout, 'classes'> {
  height: number;
  width: number;
  channels: number;
  train: LabelledSplitHandle;
  test: LabelledSplitHandle;
}

/** The same handle where its instances are images; else null. */
export function imageSetOf(set: SetHandle): ImageSet | null {
  return set.inputs[onlyView]?.kind === 'image' ? (set as ImageSet) : null;
}

/** The same handle where its instances are images with a class each; else null. */
export function labelledSetOf(set: SetHandle): LabelledImageSet | null {
  return imageSetOf(set) && set.target.kind === 'class' ? (set as LabelledImageSet) : null;
}
