/** Class numbers and names from labels as they were written. */
import { mostCharacters, shortened } from '../limits/texts';
import type { ImageSplit } from './labelled-images';
import type { ClassLabels, RawPart } from './raw-dataset';
import { Refusal, type ImportContext } from './import-context';
import { counted } from './limits';
import { byCodePoint } from './paths';

type ClassPart = RawPart & { labels: ClassLabels };

export interface Classes {
  names: string[];
  /** Class numbers of each part, in its order. */
  numbers: Int32Array[];
}

/**
 * Numbers the classes: texts by code point, whole numbers by value without gaps. The name of a numbered class is the
 * number, or its entry in a list of names beside the data. Throws a refusal for labels that are no classes.
 */
export function classesOf(
  parts: readonly ClassPart[],
  given: readonly string[] | null,
  context: ImportContext,
): Classes {
  const total = parts.reduce((sum, part) => sum + part.count, 0);
  if (parts.every(({ labels }) => labels.kind === 'numbers')) {
    refuseNoClassNumbers(parts);
    const values = distinct<number>(parts, (label) => Number(label), total, context).sort((a, b) => a - b);
    const numbers = numbered(parts, values, (label) => Number(label));
    return { names: namesFor(values, given, context), numbers };
  }
  const texts = distinct<string>(parts, String, total, context).sort(byCodePoint);
  const long = texts.find(({ length }) => length > mostCharacters.label);
  if (long !== undefined)
    throw new Refusal(
      `A class is called "${shortened(long, mostCharacters.quote)}", ${counted(long.length)} characters; the limit is ${counted(mostCharacters.label)}. Shorten the names, or check which column holds the labels.`,
    );
  warnAboutCase(texts, context);
  return { names: texts, numbers: numbered(parts, texts, String) };
}

function refuseNoClassNumbers(parts: readonly ClassPart[]): void {
  for (const { labels, count } of parts)
    for (let i = 0; i < count; i++) {
      const label = Number(labelAt(labels, i));
      if (Number.isSafeInteger(label)) continue;
      const why = Number.isInteger(label) ? 'too large to tell apart' : 'not whole numbers';
      throw new Refusal(`The labels are ${why} (${label} is one of them), so they do not name classes.`);
    }
}

type Label = number | string;

function labelAt(labels: ClassLabels, i: number): Label {
  return labels.values[i]!;
}

function distinct<T>(
  parts: readonly ClassPart[],
  read: (label: Label) => T,
  total: number,
  context: ImportContext,
): T[] {
  const seen = new Set<T>();
  for (const { labels, count } of parts) for (let i = 0; i < count; i++) seen.add(read(labelAt(labels, i)));
  if (seen.size === total && total > 2)
    throw new Refusal(
      'Every image has a label of its own: there is only one image of each class, or these are numbers or names of images. Each class needs at least 2 images; check which labels were given.',
    );
  if (seen.size > context.limits.classes)
    throw new Refusal(
      `There are ${counted(seen.size)} different labels; the limit is ${counted(context.limits.classes)} classes.`,
    );
  if (seen.size < 2) {
    const only = [...seen].map((label) => ` ("${String(label)}")`).join('');
    throw new Refusal(
      `There is only one class${only}; a network needs at least two to tell apart. Add images of another class, in a folder or with a label of its own.`,
    );
  }
  return [...seen];
}

function numbered<T>(
  parts: readonly ClassPart[],
  order: readonly T[],
  read: (label: Label) => T,
): Int32Array[] {
  const numberOf = new Map(order.map((label, i) => [label, i]));
  return parts.map(({ labels, count }) =>
    Int32Array.from({ length: count }, (_, i) => numberOf.get(read(labelAt(labels, i)))!),
  );
}

function namesFor(
  values: readonly number[],
  given: readonly string[] | null,
  context: ImportContext,
): string[] {
  const lowest = values[0]!;
  const highest = values.at(-1)!;
  const asWritten = values.map(String);
  if (lowest !== 0 || highest !== values.length - 1) {
    const list =
      values.length > 8 ? `${asWritten.slice(0, 6).join(', ')}, … ${highest}` : asWritten.join(', ');
    context.warn(`The labels are ${list}; they were numbered from 0${keptNumbers}`);
  }
  if (!given) return asWritten;
  // Lists of names count from 0; some data sets count their labels from 1.
  const first = lowest === 1 && given.length === highest ? 1 : 0;
  if (lowest < 0 || highest - first >= given.length) {
    context.warn(
      `The file with class names has ${counted(given.length)} names, but labels go from ${lowest} to ${highest}; the numbers are used as names.`,
    );
    return asWritten;
  }
  const names = values.map((value, i) => given[value - first] || asWritten[i]!);
  // Two classes with the same name could not be told apart on the page.
  warnAboutCase(names, context);
  return names.map((name, i) => (names.indexOf(name) === i ? name : `${name} (${asWritten[i]!})`));
}

/** How a warning ends that is no longer true once the classes get other names. */
export const keptNumbers = ' and keep their numbers as names.';

function warnAboutCase(names: readonly string[], context: ImportContext): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const folded = name.toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined && other !== name)
      context.warn(`The classes "${other}" and "${name}" differ only in upper and lower case.`);
    else seen.set(folded, name);
  }
}

/** Number of images per class in a split. */
export function classCounts({ labels }: Pick<ImageSplit, 'labels'>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]!++;
  return counts;
}
