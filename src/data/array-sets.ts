/** Several sets of arrays in one drop, of which one is read; and several arrays of images that share their labels. */
import { Refusal, type ImportContext } from './import-context';
import type { OptionSamples } from './import-report';
import { layoutOf } from './layout';
import { counted, plural } from './limits';
import { otherWords, type Candidate, type Pair } from './array-names';
import { arrayPictures } from './neighbours';

/**
 * The arrays of one set: those whose names have the same words beside the ones for images, labels and splits, where
 * several such groups hold images and labels each. Asks which; throws a refusal without an answer where the groups have
 * different labels or splits of their own, else takes all together. Groups that are only counted ("a" and "b", "1" and
 * "2") are parts of one set.
 */
export function chosenSet(candidates: readonly Candidate[], context: ImportContext): readonly Candidate[] {
  const groups = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const words = otherWords(candidate);
    groups.set(words, [...(groups.get(words) ?? []), candidate]);
  }
  const sets = [...groups].filter(([words, group]) => words !== '' && isComplete(group));
  if (sets.length < 2 || sets.length < groups.size) return candidates;
  const names = withoutSharedWords(sets.map(([words]) => words));
  // One of them may have no word of its own: "batch 1", "batch 2" and "batch".
  const areCounted = names.every((name, i) => /^(\p{L}|\p{L}*\s?\d+)$/u.test(name) || name === sets[i]![0]);
  if (areCounted) return candidates;
  // Without a word of its own a set is called after its splits.
  for (const [i, [words, group]] of sets.entries())
    if (names[i] === words)
      names[i] = [...new Set(group.map(({ role }) => role ?? 'the others'))].sort().reverse().join(' and ');
  const options = sets.map(([, group], i) => {
    const labels = group.filter(isLabels);
    const classes = new Set(labels.flatMap(valuesOf)).size;
    const images = group.filter((one) => !isLabels(one));
    const count = images.reduce((sum, one) => sum + one.count, 0);
    const samples = samplesOf(images[0]!, context);
    return {
      value: String(i + 1),
      text: `${names[i]}: ${plural(count, 'image')}, ${plural(classes, 'class', 'classes')}`,
      ...(samples ? { samples } : {}),
    };
  });
  const areParts = mayBeJoined(sets.map(([, group]) => group));
  const all = { value: 'all', text: 'all together' };
  const choice = context.pick(
    'set',
    'Set to read',
    areParts ? [all, ...options] : options,
    areParts ? 'all' : null,
    true,
  );
  if (choice === 'all') return candidates;
  if (choice === null)
    throw new Refusal(
      `There are ${counted(sets.length)} sets of images, each with labels of its own: ${names.join(', ')}. Choose the one to read; they are not joined, because their labels may mean different things.`,
    );
  const at = Number(choice) - 1;
  context.set = names[at]!;
  const others = names.filter((_, i) => i !== at);
  context.warn(
    `“${names[at]}” was read; ${others.map((name) => `“${name}”`).join(', ')} ${others.length === 1 ? 'is another set' : 'are other sets'} in these files.`,
  );
  return sets[at]![1];
}

/** Whether groups have the same labels and shapes, and no splits of their own. */
function mayBeJoined(groups: readonly (readonly Candidate[])[]): boolean {
  const kinds = groups.map((group) => {
    const labels = new Set(group.filter(isLabels).flatMap(valuesOf).map(String));
    const shapes = new Set(
      group.filter((one) => !isLabels(one)).map(({ shape }) => shape.slice(1).join('x')),
    );
    return [...labels].sort().join() + [...shapes].sort().join();
  });
  const haveSplits = groups.some((group) => new Set(group.map(({ role }) => role)).size > 1);
  return new Set(kinds).size === 1 && !haveSplits;
}

function isLabels({ shape }: Candidate): boolean {
  return shape.length === 1 || (shape.length === 2 && shape[1] === 1);
}

function valuesOf({ content, count }: Candidate): (number | string)[] {
  if (content.kind === 'texts') return content.values;
  return Array.from({ length: count }, (_, i) => content.values.get(i));
}

function isComplete(group: readonly Candidate[]): boolean {
  const labels = group.filter(isLabels);
  const images = group.filter(
    ({ shape, content }) => content.kind === 'numbers' && shape.length >= 2 && shape[1]! > 1,
  );
  return images.length > 0 && images.every(({ count }) => labels.some((own) => own.count === count));
}

/** Names without the words that all of them have; a name that would be empty stays. */
export function withoutSharedWords(names: readonly string[]): string[] {
  const words = names.map((name) => name.split(' '));
  const shared = words[0]!.filter((word) => words.every((own) => own.includes(word)));
  return words.map((own, i) => own.filter((word) => !shared.includes(word)).join(' ') || names[i]!);
}

function samplesOf(image: Candidate, context: ImportContext): OptionSamples | null {
  const { content, shape, strides, where } = image;
  // Flat rows ask a question of their own.
  if (content.kind !== 'numbers' || shape.length < 3) return null;
  return arrayPictures(layoutOf(shape, strides, where, context, content.values.get), content.values.get);
}

/** Times that the labels of corrupted images repeat, from light to strong. */
const severities = 5;

/**
 * One of several arrays with the labels that all of them share, as CIFAR-10-C has one for each corruption; where the
 * labels repeat five times, the images of one severity.
 */
export function sharedLabels(images: readonly Candidate[], label: Candidate, context: ImportContext): Pair[] {
  const [first] = images as readonly [Candidate];
  const isAlike = images.every(
    ({ shape, role }) => shape.join() === first.shape.join() && role === first.role,
  );
  if (!isAlike || first.shape.length < 3) return [];
  const names = withoutSharedWords(images.map((image) => otherWords(image) || image.path));
  const options = images.map((image, i) => {
    const samples = samplesOf(image, context);
    return { value: String(i + 1), text: names[i]!, ...(samples ? { samples } : {}) };
  });
  const choice = context.pick(
    'domain',
    'Images',
    [...options, { value: 'all', text: 'all together' }],
    '1',
    true,
  );
  const at = Number(choice) - 1;
  const chosen = choice === 'all' ? images : [images[at]!];
  context.warn(
    choice === 'all'
      ? `${counted(images.length)} arrays share one array of labels and were joined; the same pictures may be in training and test.`
      : `${counted(images.length)} arrays share one array of labels, so each is a domain; “${names[at]}” was read. Drop the files again and choose another one to have a second domain.`,
  );
  const part = severityOf(chosen[0]!, label, context);
  return chosen.map((image) => ({
    image: sliced(image, part),
    label: sliced(label, part),
    others: [label, ...images],
  }));
}

/** Pictures that are compared with the same ones of another severity, and places of each. */
const compared = { pictures: 16, places: 256 };
/** Least mean correlation of pictures that are the same but for a corruption. */
const alike = 0.3;

/** Mean correlation of pictures with those so many places further on. */
function likeness({ content, shape, strides, count }: Candidate, distance: number): number {
  if (content.kind !== 'numbers') return 0;
  const sides = shape.slice(1);
  const size = sides.reduce((product, side) => product * side, 1);
  const looked = Math.min(compared.places, size);
  const places = Array.from({ length: looked }, (_, i) => {
    let rest = Math.floor((i * size) / looked);
    let at = 0;
    for (let axis = sides.length - 1; axis >= 0; axis--) {
      at += (rest % sides[axis]!) * strides[axis + 1]!;
      rest = Math.floor(rest / sides[axis]!);
    }
    return at;
  });
  const pictures = Math.min(compared.pictures, count - distance);
  let sum = 0;
  for (let k = 0; k < pictures; k++) {
    const first = Math.floor((k * (count - distance)) / pictures);
    const valuesIn = (n: number) => places.map((place) => content.values.get(n * strides[0]! + place));
    sum += correlation(valuesIn(first), valuesIn(first + distance));
  }
  return sum / Math.max(1, pictures);
}

/** Pearson's; 0 where one of them is the same everywhere. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [meanOf(a), meanOf(b)];
  let [both, own, other] = [0, 0, 0];
  a.forEach((value, i) => {
    both += (value - x) * (b[i]! - y);
    own += (value - x) ** 2;
    other += (b[i]! - y) ** 2;
  });
  return own > 0 && other > 0 ? both / Math.sqrt(own * other) : 0;
}

/** The range of images of one severity, where the labels repeat and the pictures with them; null for all. */
function severityOf(
  image: Candidate,
  label: Candidate,
  context: ImportContext,
): { from: number; count: number } | null {
  const values = valuesOf(label);
  const count = values.length / severities;
  if (!Number.isInteger(count) || count < 2 || values.some((value, i) => value !== values[i % count]))
    return null;
  if (values.slice(0, count).every((value) => value === values[0])) return null;
  // Labels may repeat by chance, as where classes come in turns.
  if (likeness(image, count) < alike) return null;
  const options = Array.from({ length: severities }, (_, i) => ({
    value: String(i + 1),
    text: `${i + 1} of ${severities}: ${plural(count, 'image')}`,
  }));
  const choice = context.pick(
    'severity',
    'Severity',
    [...options, { value: 'all', text: 'all together' }],
    '1',
    true,
  );
  context.warn(
    choice === 'all'
      ? `The labels repeat ${severities} times, so each picture may be there in ${severities} severities, in training and test.`
      : `The labels repeat ${severities} times, as for ${severities} severities of the same pictures; severity ${choice} was read.`,
  );
  return choice === 'all' ? null : { from: (Number(choice) - 1) * count, count };
}

function sliced(array: Candidate, part: { from: number; count: number } | null): Candidate {
  if (!part) return array;
  const { content, shape, strides } = array;
  const { from, count } = part;
  const own = [count, ...shape.slice(1)];
  if (content.kind === 'texts')
    return {
      ...array,
      count,
      shape: own,
      content: { kind: 'texts', values: content.values.slice(from, from + count) },
    };
  const start = from * strides[0]!;
  const { get, bytes, length } = content.values;
  const values = {
    length: length - start,
    get: (i: number) => get(i + start),
    ...(bytes ? { bytes: bytes.subarray(start) } : {}),
  };
  return { ...array, count, shape: own, content: { kind: 'numbers', values } };
}
