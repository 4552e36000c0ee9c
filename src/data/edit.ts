/** Manual edits of a data set: an edit lists the class of every image, and is applied when it is used. */
import { pickedSources } from './row-sources';
import type { LabelledImages, ImageSetAbout, ImageSplit } from './labelled-images';

/** Images are numbered through both splits: training images first, then test images. */
export interface SetEdit {
  readonly classes: readonly string[];
  /** [train + test] class numbers; -1 for a deleted image. Immutable. */
  readonly labels: Int32Array;
}

const deleted = -1;

export function untouched({ classes, train, test }: ImageSetAbout): SetEdit {
  const labels = new Int32Array(train.count + test.count);
  labels.set(train.labels);
  labels.set(test.labels, train.count);
  return { classes: [...classes], labels };
}

/** Renames a class; the name of another class merges the two. */
export function renamed(edit: SetEdit, label: number, name: string): SetEdit {
  const tidy = name.trim().normalize('NFC');
  const other = edit.classes.indexOf(tidy);
  if (tidy === '' || other === label) return edit;
  if (other >= 0) return merged(edit, label, other);
  return { ...edit, classes: edit.classes.map((known, i) => (i === label ? tidy : known)) };
}

/** Moves all images of a class into another and removes the class. */
export function merged(edit: SetEdit, from: number, into: number): SetEdit {
  if (from === into) return edit;
  return withoutLabel({ ...edit, labels: edit.labels.map((label) => (label === from ? into : label)) }, from);
}

/** Deletes a class with its images. */
export function withoutClass(edit: SetEdit, gone: number): SetEdit {
  return withoutLabel(
    { ...edit, labels: edit.labels.map((label) => (label === gone ? deleted : label)) },
    gone,
  );
}

/** Removes a class without images from the list. */
function withoutLabel({ classes, labels }: SetEdit, gone: number): SetEdit {
  return {
    classes: classes.filter((_, i) => i !== gone),
    labels: labels.map((label) => (label > gone ? label - 1 : label)),
  };
}

/** Moves images into a class; an unknown name adds a class. */
export function relabelled(edit: SetEdit, images: Iterable<number>, name: string): SetEdit {
  const tidy = name.trim().normalize('NFC');
  if (tidy === '') return edit;
  const known = edit.classes.indexOf(tidy);
  const classes = known < 0 ? [...edit.classes, tidy] : edit.classes;
  return { classes, labels: written(edit.labels, images, known < 0 ? edit.classes.length : known) };
}

export function withoutImages(edit: SetEdit, images: Iterable<number>): SetEdit {
  return { ...edit, labels: written(edit.labels, images, deleted) };
}

function written(labels: Int32Array, images: Iterable<number>, label: number): Int32Array {
  const copy = labels.slice();
  for (const image of images) copy[image] = label;
  return copy;
}

/** Image numbers by class, in ascending order. */
export function imagesByClass({ classes, labels }: SetEdit): number[][] {
  const found: number[][] = classes.map(() => []);
  for (const [image, label] of labels.entries()) if (label !== deleted) found[label]!.push(image);
  return found;
}

/** Why an edited set cannot be used, as a sentence; null when it can. */
export function editProblem({ train }: ImageSetAbout, edit: SetEdit): string | null {
  if (edit.classes.length < 2) return 'Only one class is left; a network needs at least two to tell apart.';
  const training = edit.classes.map(() => 0);
  for (const label of edit.labels.subarray(0, train.count)) if (label !== deleted) training[label]!++;
  const empty = training.indexOf(0);
  if (empty >= 0)
    return `“${edit.classes[empty]}” has no image to train on. Move some into it, or delete the class.`;
  for (const label of edit.labels.subarray(train.count)) if (label !== deleted) return null;
  return 'No image for the test is left.';
}

/** Applies an edit. The images are copied; `dataset` is unchanged. */
export function applied(dataset: LabelledImages, edit: SetEdit): LabelledImages {
  const { height, width, channels, train, test } = dataset;
  const size = height * width * channels;
  const { attribution, ...rest } = dataset;
  return {
    ...rest,
    id: 'upload',
    title: / \(edited\)$/.test(dataset.title) ? dataset.title : `${dataset.title} (edited)`,
    classes: [...edit.classes],
    train: kept(train, edit.labels.subarray(0, train.count), size),
    test: kept(test, edit.labels.subarray(train.count), size),
    ...(attribution && { attribution }),
  };
}

function kept({ images, count: before, sources }: ImageSplit, labels: Int32Array, size: number): ImageSplit {
  let count = 0;
  for (const label of labels) if (label !== deleted) count++;
  const copy = { images: new Uint8Array(count * size), labels: new Int32Array(count), count };
  let at = 0;
  // Runs of images without a deleted one are copied at once.
  for (let start = 0; start < before;) {
    let end = start;
    while (end < before && labels[end] !== deleted) end++;
    copy.images.set(images.subarray(start * size, end * size), at * size);
    copy.labels.set(labels.subarray(start, end), at);
    at += end - start;
    start = end + 1;
  }
  if (!sources) return copy;
  const rows = [...labels.keys()].filter((row) => labels[row] !== deleted);
  return { ...copy, sources: pickedSources(sources, rows) };
}
