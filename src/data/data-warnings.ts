/** Warnings about a data set that is valid and may still surprise: class balance, blank images, duplicates. */
import { classCounts } from './classes';
import type { LabelledImages, ImageSplit } from './labelled-images';
import type { ImportContext } from './import-context';
import { counted, plural } from './limits';

/** Adds a warning to the context for each problem found. */
export async function addDataWarnings(dataset: LabelledImages, context: ImportContext): Promise<void> {
  noteCounts(dataset, context);
  noteConstant(dataset, context);
  await noteDuplicates(dataset, context);
}

const few = 10;
const strong = 5;

function noteCounts({ classes, train, test }: LabelledImages, context: ImportContext): void {
  const training = classCounts(train, classes.length);
  const testing = classCounts(test, classes.length);
  const all = training.map((count, i) => count + testing[i]!);
  const list = (wanted: (i: number) => boolean, counts: readonly number[]) => {
    const hits = [...classes.keys()].filter(wanted);
    const named = hits.slice(0, 5).map((i) => `"${classes[i]}" (${counted(counts[i]!)})`);
    return { count: hits.length, text: named.join(', ') + (hits.length > 5 ? ', …' : '') };
  };
  const untaught = list((i) => training[i] === 0, testing);
  if (untaught.count > 0) context.warn(`Without training images: ${untaught.text}; they cannot be learnt.`);
  const untested = list((i) => testing[i] === 0, training);
  if (untested.count > 0)
    context.warn(`Without test images: ${untested.text}; accuracy says nothing about them.`);
  const small = list((i) => all[i]! < few, all);
  if (small.count > 0)
    context.warn(`Fewer than ${few} images in ${plural(small.count, 'class', 'classes')}: ${small.text}.`);
  const most = all.indexOf(Math.max(...all));
  const least = all.indexOf(Math.min(...all));
  if (all[most]! > strong * all[least]!)
    context.warn(
      `The classes are out of balance: "${classes[most]}" has ${plural(all[most]!, 'image')}, "${classes[least]}" ${counted(all[least]!)}.`,
    );
}

function noteConstant(
  { train, test, height, width, channels }: LabelledImages,
  context: ImportContext,
): void {
  const size = height * width * channels;
  let constant = 0;
  for (const { images, count } of [train, test])
    for (let n = 0; n < count; n++) {
      const start = n * size;
      let i = channels;
      while (i < size && images[start + i] === images[start + i - channels]) i++;
      if (i === size) constant++;
    }
  if (constant > 0) context.warn(`${plural(constant, 'image is', 'images are')} blank: one colour all over.`);
}

interface Seen {
  split: ImageSplit;
  index: number;
}

/** Finds images that are identical byte for byte, in both splits or with different labels. */
async function noteDuplicates(
  { train, test, height, width, channels }: LabelledImages,
  context: ImportContext,
): Promise<void> {
  const size = height * width * channels;
  /** First image of each content, by hash. A bucket holds several images when hashes collide. */
  const firsts = new Map<number, Seen[]>();
  let acrossSplit = 0;
  let contradicting = 0;
  for (const split of [train, test])
    for (let index = 0; index < split.count; index++) {
      await context.yieldToMessages();
      const bytes = split.images.subarray(index * size, (index + 1) * size);
      const key = hash(bytes);
      const same = firsts.get(key)?.find((seen) => equal(seen, bytes, size));
      if (!same) {
        const bucket = firsts.get(key);
        if (bucket) bucket.push({ split, index });
        else firsts.set(key, [{ split, index }]);
        continue;
      }
      if (same.split !== split) acrossSplit++;
      if (same.split.labels[same.index] !== split.labels[index]) contradicting++;
    }
  if (acrossSplit > 0)
    context.warn(
      `${plural(acrossSplit, 'test image is a duplicate', 'test images are duplicates')} of a training image; test accuracy is too high by these.`,
    );
  if (contradicting > 0)
    context.warn(
      `${plural(contradicting, 'image is', 'images are')} identical to another image with a different label.`,
    );
}

function equal({ split, index }: Seen, bytes: Uint8Array, size: number): boolean {
  const start = index * size;
  for (let i = 0; i < size; i++) if (split.images[start + i] !== bytes[i]) return false;
  return true;
}

/** FNV-1a, 32 bits. */
function hash(bytes: Uint8Array): number {
  let value = 0x811c9dc5;
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193);
  return value;
}
