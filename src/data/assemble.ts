/** Turns a reader's raw data set into a data set: classes, split, checks. */
import { classCounts, classesOf } from './classes';
import { onlyView, type Dataset, type Split } from './dataset';
import { splitOf } from './drawn/split-of';
import { classParts, targetsBesideClasses } from './image-targets';
import { pickedTargets, type InstanceTargets } from './instance-targets';
import { datasetOfImages, type LabelledImages, type ImageSplit } from './labelled-images';
import type { RawDataset } from './raw-dataset';
import { sourcesInOrder } from './row-sources';
import { Refusal, type ImportContext } from './import-context';
import { addDataWarnings } from './data-warnings';
import { splitMarks } from './train-test-split';
import { joined } from '../numbers/joined';

/**
 * Applies the rules that all formats of images share. The image buffer of the raw data set is rearranged in place and
 * becomes the data set's. Data warnings are added to the context. Throws a refusal when the images are no data set: no
 * images, one class, a class of one image, labels that are no classes, or a limit exceeded.
 */
export async function assemble(raw: RawDataset, title: string, context: ImportContext): Promise<Dataset> {
  context.progress('Putting the data set together');
  const { height, width, channels, parts } = raw;
  const total = parts.reduce((sum, part) => sum + part.count, 0);
  if (total === 0) {
    const [first] = context.skipped;
    throw new Refusal(`No image could be read${first ? `; the first: ${first.where} ${first.why}` : ''}.`);
  }
  const size = height * width * channels;
  context.checkSize(total, size);
  const source = originOf(raw, context);
  const targets = targetsBesideClasses(raw, context);
  if (targets) return withTargets(raw, targets, source, title, context);
  const all = classesOf(classParts(parts), raw.names, context);
  const { names, labels } = withoutLonely(all.names, joined(Int32Array, all.numbers), context);
  const marks = splitMarks(parts, labels, names, context);
  const [train, test] = arrange(raw.images, size, labels, marks, source);
  const dataset: LabelledImages = {
    id: 'upload',
    title,
    height,
    width,
    channels,
    classes: names,
    train,
    test,
  };
  refuseDisjointSplits(dataset);
  await addDataWarnings(dataset, context);
  return datasetOfImages(dataset);
}

/** Images whose targets are numbers or several labels. */
function withTargets(
  { height, width, channels, images, parts }: RawDataset,
  targets: InstanceTargets,
  source: RowOrigin,
  title: string,
  context: ImportContext,
): Dataset {
  const { spec, strata, names, each } = targets;
  const marks = splitMarks(parts, strata, names, context, { instances: 'images', each });
  // Images are rearranged with their numbers, by which their targets are found.
  const numbers = Int32Array.from(marks.keys());
  const [train, test] = arrange(images, height * width * channels, numbers, marks, source);
  const part = ({ images: pixels, labels: rows, count, sources }: ImageSplit): Split => ({
    ...splitOf(count, { values: pixels, shape: [height, width, channels] }, pickedTargets(targets, rows)),
    ...(sources ? { sources } : {}),
  });
  return {
    id: 'upload',
    title,
    task: spec.kind === 'number' ? 'regression' : 'multilabel',
    inputs: { [onlyView]: { kind: 'image', height, width, channels } },
    target: spec,
    train: part(train),
    test: part(test),
  };
}

/** Where the images of a raw data set come from, before they are rearranged. */
interface RowOrigin {
  names: readonly string[] | null;
  /** Whether their numbers are those of the files: nothing was left out so far, and the files state no split. */
  isWhole: boolean;
}

function originOf({ rowNames, parts }: RawDataset, { skippedCount }: ImportContext): RowOrigin {
  const isWhole = skippedCount === 0 && new Set(parts.map(({ role }) => role)).size === 1;
  return { names: rowNames ?? null, isWhole };
}

/**
 * Groups images by mark in place, keeping their order, because a copy would double the memory of the import. The
 * returned splits are views of the same array; images that are left out lie behind them.
 */
function arrange(
  images: Uint8Array,
  size: number,
  labels: Int32Array,
  marks: Uint8Array,
  { names, isWhole }: RowOrigin,
): readonly [train: ImageSplit, test: ImageSplit] {
  const counts = [0, 0, 0];
  for (const mark of marks) counts[mark]!++;
  const next = [0, counts[0]!, counts[0]! + counts[1]!];
  const target = Int32Array.from(marks, (mark) => next[mark]!++);
  const files = new Int32Array(labels.length);
  const order = new Int32Array(labels.length);
  for (const [i, place] of target.entries()) {
    files[place] = labels[i]!;
    order[place] = i;
  }
  permute(images, size, target);
  const sources = sourcesInOrder(order.slice(0, counts[0]! + counts[1]!), counts[0]!, names, isWhole);
  const split = (from: number, count: number, of: 'train' | 'test'): ImageSplit => ({
    images: images.subarray(from * size, (from + count) * size),
    labels: files.slice(from, from + count),
    count,
    ...(sources ? { sources: sources[of] } : {}),
  });
  return [split(0, counts[0]!, 'train'), split(counts[0]!, counts[1]!, 'test')];
}

/** Moves item i to `target[i]`, cycle by cycle. Overwrites `target`. */
function permute(items: Uint8Array, size: number, target: Int32Array): void {
  const held = new Uint8Array(size);
  for (let i = 0; i < target.length; i++)
    while (target[i] !== i) {
      const place = target[i]!;
      held.set(items.subarray(place * size, (place + 1) * size));
      items.copyWithin(place * size, i * size, (i + 1) * size);
      items.set(held, i * size);
      target[i] = target[place]!;
      target[place] = place;
    }
}

/**
 * Leaves classes of one image out, which cannot be both learned and tested; their images get the label -1. Throws a
 * refusal when fewer than two classes remain.
 */
function withoutLonely(
  names: readonly string[],
  labels: Int32Array,
  context: ImportContext,
): { names: string[]; labels: Int32Array } {
  const counts = classCounts({ labels }, names.length);
  const lonely = names.filter((_, label) => counts[label]! < 2);
  if (lonely.length === 0) return { names: [...names], labels };
  if (names.length - lonely.length < 2)
    throw new Refusal(
      `Class "${lonely[0]}" has only 1 image; each class needs at least 2. Add images or leave the class out.`,
    );
  for (const name of lonely) context.skip(`class "${name}"`, 'has only 1 image; each class needs at least 2');
  const kept = names.filter((name) => !lonely.includes(name));
  const numberOf = new Map(kept.map((name, i) => [name, i]));
  return { names: kept, labels: labels.map((label) => numberOf.get(names[label]!) ?? -1) };
}

/** Refuses a test split that shares no class with the training split: accuracy on it has no meaning. */
function refuseDisjointSplits({ classes, train, test }: LabelledImages): void {
  const training = classCounts(train, classes.length);
  const testing = classCounts(test, classes.length);
  if (classes.some((_, i) => training[i]! > 0 && testing[i]! > 0)) return;
  const taught = classes[training.findIndex((count) => count > 0)];
  const tested = classes[testing.findIndex((count) => count > 0)];
  throw new Refusal(
    `The training and the test images have no class in common (such as "${taught}" here and "${tested}" there). Give the same classes the same names in both.`,
  );
}
