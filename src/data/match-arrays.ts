/**
 * Matches arrays of images with arrays of labels: by split, first dimension, number of dimensions and, last, name.
 */
import type { ImageArray } from './arrays';
import {
  otherWords,
  roleOfArray,
  spelledOut,
  arrayName,
  type Candidate,
  type LoadedArray,
  type Pair,
} from './array-names';
import { chosenSet, sharedLabels } from './array-sets';
import { layoutOf, stridesOf } from './layout';
import type { Labels } from './raw-dataset';
import { Refusal, type ImportContext } from './import-context';
import { counted, plural } from './limits';
import { labelsFromNumbers, labelsFromRows, labelsFromTexts } from './labels';
import { byCodePoint, roleOfPath } from './paths';

export interface MatchedArrays {
  images: ImageArray[];
  names: string[] | null;
}

/**
 * Pairs images with labels. Arrays without a partner are reported as left out. Throws a refusal that names what is
 * missing when there is no pair.
 */
export function matchArrays(arrays: readonly LoadedArray[], context: ImportContext): MatchedArrays {
  const lists = arrays.filter(isNameList);
  const all = imagesFirst(
    arrays.filter((array) => !lists.includes(array)),
    context,
  ).sort((a, b) => byCodePoint(a.path, b.path));
  const candidates = chosenSet(all, context);
  const used = new Set<Candidate>();
  const labelings: Candidate[] = [];
  const images: ImageArray[] = [];
  // First among arrays of the same split, then by the first dimension alone.
  for (const key of [(c: Candidate) => `${c.role}/${c.count}`, (c: Candidate) => String(c.count)])
    for (const group of groups(
      candidates.filter((candidate) => !used.has(candidate)),
      key,
    ))
      for (const { image, label, others } of pairsWithin(group, context)) {
        for (const array of [image, label, ...others]) used.add(array);
        labelings.push(label);
        images.push(imageArray(image, label, context));
      }
  const left = candidates.filter((candidate) => !used.has(candidate));
  if (images.length === 0) throw new Refusal(whyNoPair(left, context));
  for (const array of left.filter((one) => !isOfFileNames(one)))
    context.skip(array.where, `has no partner: its shape is (${array.shape.join(', ')})`);
  guessRoles(images, context);
  return {
    images,
    names: namesOf(lists, labelings),
  };
}

/** The list of class names that is called like the labels, where there are several: "fine label names". */
function namesOf(lists: readonly LoadedArray[], labelings: readonly Candidate[]): string[] | null {
  const own = labelings[0] ? labelingOf(labelings[0]).replace(/s$/, '') : '';
  const list =
    lists.find(({ path }) =>
      arrayName(path)
        .replaceAll(/[^a-z0-9]+/gi, ' ')
        .startsWith(own),
    ) ?? lists[0];
  return list?.content.kind === 'texts' ? list.content.values : null;
}

/** What the images were called as files, beside them. */
function isOfFileNames({ path, content }: LoadedArray): boolean {
  return content.kind === 'texts' && /file|path/i.test(arrayName(path));
}

/** A list of class names inside an NPZ, such as `label_names`. */
function isNameList({ path, shape, content }: LoadedArray): boolean {
  return (
    content.kind === 'texts' && shape.length === 1 && /(^|[^a-z])(names?|classes)$/i.test(arrayName(path))
  );
}

/** Axes of arrays whose last one counts the images, as MATLAB has it, are reordered. */
function imagesFirst(arrays: readonly LoadedArray[], context: ImportContext): Candidate[] {
  const counts = new Set(arrays.flatMap(({ shape }) => (shape.length <= 2 ? [Math.max(...shape, 0)] : [])));
  const lists = new Set(arrays.flatMap(({ shape }) => (isList(shape) ? [Math.max(...shape)] : [])));
  return arrays.map((array): Candidate => {
    const { shape, fortran, path } = array;
    const strides = stridesOf(shape, fortran);
    const role = roleOfArray(path);
    const [first = 0] = shape;
    const last = shape.at(-1) ?? 0;
    // A matrix counts for itself, so that only lists tell which of its axes counts the images.
    const known = shape.length < 3 ? lists : counts;
    if (shape.length < 2 || isList(shape) || known.has(first) || !known.has(last))
      return { ...array, role, count: first, strides };
    context.warn(`${array.where}: its last axis counts the images, as the labels say.`);
    return {
      ...array,
      role,
      count: last,
      shape: [last, ...shape.slice(0, -1)],
      strides: [strides.at(-1)!, ...strides.slice(0, -1)],
    };
  });
}

function isList(shape: readonly number[]): boolean {
  return shape.length === 1 || (shape.length === 2 && shape.includes(1));
}

function groups(candidates: readonly Candidate[], key: (c: Candidate) => string): Candidate[][] {
  const byKey = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const group = byKey.get(key(candidate));
    if (group) group.push(candidate);
    else byKey.set(key(candidate), [candidate]);
  }
  return [...byKey.values()];
}

/** Pairs arrays with the same first dimension. */
function pairsWithin(group: readonly Candidate[], context: ImportContext): Pair[] {
  const images = imagesAmong(group);
  const labels = group
    .filter((candidate) => !images.includes(candidate) && couldBeLabels(candidate))
    .sort((a, b) => labelRank(b) - labelRank(a));
  if (images.length === 0 || labels.length === 0) return [];
  if (images.length === 1) return [{ image: images[0]!, ...labelAmong(labels, context) }];
  if (labels.length === 1) return sharedLabels(images, labels[0]!, context);
  // Names of files may lie beside the labels of each part.
  const named = labels.filter((candidate) => nameRank(candidate) >= 9);
  if (images.length !== labels.length && named.length === images.length) {
    const rest = labels.filter((candidate) => !named.includes(candidate));
    return pairsByWords(images, named)?.map((pair) => ({ ...pair, others: rest })) ?? [];
  }
  if (images.length !== labels.length) return [];
  const alike = pairsByWords(images, labels);
  if (alike) return alike;
  context.warn(
    `Several arrays have ${counted(images[0]!.count)} entries; images and labels were matched in the order of their names.`,
  );
  labels.sort((a, b) => byCodePoint(a.path, b.path));
  return images.map((image, i) => ({ image, label: labels[i]!, others: [] }));
}

/**
 * Pairs images and labels whose names differ only in the words for images and labels. Null when no name matches.
 * Throws a refusal when some match and others do not.
 */
function pairsByWords(images: readonly Candidate[], labels: readonly Candidate[]): Pair[] | null {
  const pairs = images.flatMap((image): Pair[] => {
    const alike = labels.filter((label) => otherWords(label) === otherWords(image));
    return alike.length === 1 ? [{ image, label: alike[0]!, others: [] }] : [];
  });
  if (new Set(pairs.map(({ label }) => label)).size === images.length) return pairs;
  if (pairs.length === 0) return null;
  const alone = images.find((image) => !pairs.some((pair) => pair.image === image))!;
  throw new Refusal(
    `${alone.where} has no labels that are called like it, and ${pairs[0]!.image.where} has. Give images and their labels the same names, such as images_a and labels_a.`,
  );
}

/** The most likely of several label arrays of the same images, unless the user chose another. */
function labelAmong(
  labels: readonly Candidate[],
  context: ImportContext,
): { label: Candidate; others: Candidate[] } {
  const likely = labels[0]!;
  // Several numbers of each image in two arrays are rather two ways to say one thing, as in dSprites.
  const isTwin = ({ shape }: Candidate) =>
    shape.length === 2 && shape[1]! > 1 && shape[1] === likely.shape[1];
  const named = labels.filter((candidate) => nameRank(candidate) >= 9 || isTwin(candidate));
  const others = named.filter((candidate) => candidate !== likely);
  if (others.length === 0) return { label: likely, others };
  const options = [likely, ...others].map((candidate) => ({
    value: labelingOf(candidate),
    text: labelingOf(candidate),
  }));
  const chosen = context.pick('labels', 'Labels', options, labelingOf(likely));
  const label = named.find((candidate) => labelingOf(candidate) === chosen) ?? likely;
  return {
    label,
    others: labels.filter((candidate) => candidate !== label && [likely, ...named].includes(candidate)),
  };
}

/** The name of a label array without its split: "fine labels" of `train_fine_labels.npy`. */
function labelingOf(candidate: Candidate): string {
  const words = arrayName(candidate.path).split(/[^a-z0-9]+/i);
  return words.filter((word) => roleOfPath(word) === null).join(' ') || arrayName(candidate.path);
}

/** Arrays of three or more dimensions; otherwise those of two dimensions whose name says images, or the widest. */
function imagesAmong(group: readonly Candidate[]): Candidate[] {
  const numeric = group.filter(({ content }) => content.kind === 'numbers');
  const deep = numeric.filter(({ shape }) => shape.length >= 3);
  if (deep.length > 0) return deep;
  const flat = numeric.filter(({ shape }) => shape.length === 2 && shape[1]! > 1);
  const others = flat.filter((candidate) => nameRank(candidate) <= 0);
  const widest = Math.max(...others.map(({ shape }) => shape[1]!));
  return others.filter(({ shape }) => shape[1] === widest);
}

function couldBeLabels({ shape }: Candidate): boolean {
  return shape.length === 1 || shape.length === 2;
}

function labelRank(candidate: Candidate): number {
  const { shape } = candidate;
  return nameRank(candidate) + (shape.length === 1 ? 3 : shape[1] === 1 ? 2 : 0);
}

/** Above 0 when the name says labels; fine labels rank above coarse ones. */
function nameRank({ path }: Candidate): number {
  const words = spelledOut(path)
    .toLowerCase()
    .split(/[^a-z]+/);
  const labels = words.some((word) => /^(y|labels?|targets?|class|classes)$/.test(word)) ? 10 : 0;
  return labels + (words.includes('fine') ? 1 : 0) - (words.includes('coarse') ? 1 : 0);
}

function imageArray(image: Candidate, label: Candidate, context: ImportContext): ImageArray {
  const { content } = image;
  if (content.kind !== 'numbers') throw new Refusal(`${image.where} holds texts, not images.`);
  return {
    values: () => Promise.resolve(content.values),
    layout: layoutOf(image.shape, image.strides, image.where, context, content.values.get),
    labels: labelsOf(label, context),
    role: image.role ?? label.role,
    where: image.where,
  };
}

function labelsOf({ content, shape, count, fortran, where }: Candidate, context: ImportContext): Labels {
  if (content.kind === 'texts') return labelsFromTexts(content.values.slice(0, count));
  const columns = shape[1] ?? 1;
  if (columns === 1) return labelsFromNumbers(content.values, count);
  const strides = fortran ? { row: 1, column: count } : { row: columns, column: 1 };
  const labels = labelsFromRows(content.values, count, columns, strides, where);
  if (labels.kind !== 'several' || labels.of !== 'numbers') return labels;
  const column = chosenColumn(labels.values, columns, context);
  return column === null
    ? labels
    : { kind: 'numbers', values: Float64Array.from(labels.values, (row) => row[column]!) };
}

/** More columns than this are learned together. */
const mostListed = 64;

/** One of several numbers of each image, or null for all of them; columns of one value alone are not offered. */
function chosenColumn(
  rows: readonly ArrayLike<number>[],
  width: number,
  context: ImportContext,
): number | null {
  if (width > mostListed) return null;
  const options = Array.from({ length: width }, (_, column) => {
    const values = [...new Set(rows.map((row) => row[column]!))].sort((a, b) => a - b);
    const areWhole = values.every(Number.isInteger) && values.length <= context.limits.classes;
    const what = areWhole
      ? plural(values.length, 'whole number')
      : `numbers from ${counted(values[0]!)} to ${counted(values.at(-1)!)}`;
    return { value: String(column + 1), text: `column ${column + 1}: ${what}`, isOfUse: values.length > 1 };
  });
  const choice = context.pick(
    'labelColumn',
    'Learned of each image',
    [
      { value: 'all', text: `all ${width} columns, as numbers` },
      ...options.filter(({ isOfUse }) => isOfUse).map(({ value, text }) => ({ value, text })),
    ],
    'all',
    true,
  );
  return choice === 'all' ? null : Number(choice) - 1;
}

/** For two pairs whose names state no split: the larger one is used for training. */
function guessRoles(images: ImageArray[], context: ImportContext): void {
  const [first, second] = images;
  if (images.length !== 2 || !first || !second || first.role || second.role) return;
  const [train, test] = first.layout.count >= second.layout.count ? [first, second] : [second, first];
  train.role = 'train';
  test.role = 'test';
  context.warn(
    `The names say nothing about a split; ${train.where} was taken for training, ${test.where} for testing.`,
  );
}

function whyNoPair(arrays: readonly Candidate[], context: ImportContext): string {
  const text = (array: Candidate) => `${array.where} (${array.shape.map(counted).join('×')})`;
  const images = imagesAmong(arrays)[0] ?? arrays.find(({ shape }) => shape.length >= 2);
  const labels = arrays.find((array) => array !== images && couldBeLabels(array));
  const [failed] = context.skipped;
  // An array may lack a partner because the partner's file could not be read.
  if (failed) {
    const alone = images
      ? ' That leaves images without labels.'
      : labels
        ? ' That leaves labels without images.'
        : '';
    return `${failed.where} ${failed.why}.${images && labels ? '' : alone}`;
  }
  const others = arrays.filter((array) => array !== images && array.content.kind === 'numbers');
  if (images && others.some(({ shape }) => shape.length >= 2 && shape[1] === images.shape[1]))
    return `${text(images)} and ${text(others[0]!)} hold images without labels; add the file with the labels, or put the images of each class into a folder with its name.`;
  if (images && labels)
    return `${text(images)} and ${text(labels)} do not belong together: images and labels must be of equal number.`;
  if (images) return `${text(images)} holds images without labels; add the file with the labels.`;
  if (labels) return `${text(labels)} holds labels without images; add the file with the images.`;
  return 'There are no arrays of images and labels.';
}
