/** Images with a class each, stored as bytes: the result of image readers and the input of manual edits. */
import { onlyView, type Attribution, type Dataset, type RowSources, type Split } from './dataset';

/** Images of one split, NHWC, 0..255. */
export interface ImageSplit {
  /** [N*H*W*C] */
  images: Uint8Array;
  /** [N] class numbers 0..K-1 */
  labels: Int32Array;
  count: number;
  /** As of `Split`. */
  sources?: RowSources;
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

/** The same set as one that a run studies; its arrays are shared. */
export function datasetOfImages(images: LabelledImages): Dataset {
  const { id, title, height, width, channels, classes, train, test, attribution } = images;
  const split = ({ images: pixels, labels, count, sources }: ImageSplit): Split => ({
    count,
    inputs: { [onlyView]: { values: pixels, shape: [height, width, channels] } },
    targets: { values: labels, shape: [] },
    known: new Uint8Array(count).fill(1),
    ...(sources ? { sources } : {}),
  });
  return {
    id,
    title,
    task: 'classification',
    inputs: { [onlyView]: { kind: 'image', height, width, channels } },
    target: { kind: 'class', names: classes },
    train: split(train),
    test: split(test),
    ...(attribution ? { attribution } : {}),
  };
}

/** Back from `datasetOfImages`; null for a set of another kind. */
export function labelledImagesOf(dataset: Dataset): LabelledImages | null {
  const { id, title, inputs, target, train, test, attribution } = dataset;
  const spec = inputs[onlyView];
  if (spec?.kind !== 'image' || target.kind !== 'class') return null;
  const split = ({ count, inputs: views, targets, sources }: Split): ImageSplit => ({
    images: views[onlyView]!.values as Uint8Array,
    labels: targets.values as Int32Array,
    count,
    ...(sources ? { sources } : {}),
  });
  const { height, width, channels } = spec;
  return {
    id,
    title,
    height,
    width,
    channels,
    classes: target.names,
    train: split(train),
    test: split(test),
    ...(attribution ? { attribution } : {}),
  };
}
