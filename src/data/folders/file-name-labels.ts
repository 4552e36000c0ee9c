/** Labels that stand in the names of files: "cat.0.jpg", "american_bulldog_12.jpg", "26_0_2.jpg". */
import type { ImportContext } from '../import-context';
import { counted, plural } from '../limits';
import { baseName, byCodePoint, roleOf, roleOfPath, stem } from '../paths';
import type { Placed } from '../placed';
import type { Source } from '../source';
import { pictureSamples } from './samples';

/** Below this share of files a pattern explains nothing. */
const mostExplained = 0.95;
const mostClasses = 1000;
/** Fewer different numbers than this are classes, and above this share of the files a number only counts them. */
const fewestMeasured = 5;
const mostMeasured = 0.95;
const number = /^[-+]?\d+(\.\d+)?$/;

interface Part {
  value: string;
  /** "before the first number" */
  where: string;
  /** The label in a name without its ending; '' for none. */
  of: (stem: string) => string;
}

const parts: readonly Part[] = [
  { value: 'beforeNumber', where: 'before the first number', of: (stem) => /^(\D+)\d/.exec(stem)?.[1] ?? '' },
  { value: 'beforeLast_', where: 'before the last “_”', of: (stem) => before(stem, stem.lastIndexOf('_')) },
  { value: 'afterLast_', where: 'after the last “_”', of: (stem) => after(stem, stem.lastIndexOf('_')) },
  { value: 'before_', where: 'before the first “_”', of: (stem) => before(stem, stem.indexOf('_')) },
  { value: 'before-', where: 'before the first “-”', of: (stem) => before(stem, stem.indexOf('-')) },
  { value: 'after-', where: 'after the last “-”', of: (stem) => after(stem, stem.lastIndexOf('-')) },
  { value: 'before.', where: 'before the first “.”', of: (stem) => before(stem, stem.indexOf('.')) },
  { value: 'after.', where: 'after the last “.”', of: (stem) => after(stem, stem.lastIndexOf('.')) },
];

function before(stem: string, at: number): string {
  return at > 0 ? stem.slice(0, at) : '';
}

function after(stem: string, at: number): string {
  return at >= 0 ? stem.slice(at + 1) : '';
}

/** Names of equally many parts: each part but those at the ends, which are above. */
function innerParts(stems: readonly string[]): Part[] {
  return ['_', '-', '.'].flatMap((sign) => {
    const counts = new Set(stems.slice(0, 1000).map((stem) => stem.split(sign).length));
    const [count = 0] = counts;
    if (counts.size !== 1 || count < 3 || count > 8) return [];
    return Array.from({ length: count - 2 }, (_, i): Part[] => {
      const whole = {
        value: `part${sign}${i + 2}`,
        where: `part ${i + 2} of ${count} between “${sign}”`,
        of: (stem: string) => stem.split(sign)[i + 1] ?? '',
      };
      if (!stems.every((stem) => /^\D+\d+$/.test(whole.of(stem)))) return [whole];
      const letters = {
        value: `letters${sign}${i + 2}`,
        where: `the letters of ${whole.where}`,
        of: (stem: string) => /^\D+/.exec(whole.of(stem))?.[0] ?? '',
      };
      return [letters, whole];
    }).flat();
  });
}

export interface NamePattern extends Part {
  classes: string[];
  /** Pictures that it explains, of those that are looked at. */
  explained: number;
  areNumbers: boolean;
  /** Whether the numbers are too many for classes, such as ages. */
  isMeasured: boolean;
}

export interface NameLabels {
  patterns: NamePattern[];
  /** Null where several are as likely. */
  likely: string | null;
  /** Pictures that are looked at: those of a test part often have no label. */
  looked: number;
}

/** Patterns that explain nearly all names; null where there is none. */
export function nameLabels(pictures: readonly Source[]): NameLabels | null {
  const trained = pictures.filter(({ path }) => roleOfPath(path) !== 'test');
  const looked = trained.length > 0 ? trained : pictures;
  const stems = looked.map(({ path }) => stem(path));
  const seen = new Set<string>();
  const patterns: NamePattern[] = [];
  for (const part of [...parts, ...innerParts(stems)]) {
    const labels = stems.map((stem) => labelIn(stem, part));
    const times = new Map<string, number>();
    for (const label of labels) if (label !== '') times.set(label, (times.get(label) ?? 0) + 1);
    const explained = labels.filter((label) => label !== '').length;
    const repeated = [...times.values()].filter((count) => count > 1).reduce((sum, count) => sum + count, 0);
    if (explained < mostExplained * looked.length) continue;
    const areNumbers = [...times.keys()].every((label) => label === '' || number.test(label));
    const isMeasured = areNumbers && times.size >= fewestMeasured && times.size <= mostMeasured * explained;
    if (repeated < mostExplained * explained && !isMeasured) continue;
    // The split of a file in its name is no label of it.
    if ([...times.keys()].every((label) => roleOf(label) !== null)) continue;
    const areMany = times.size > Math.min(mostClasses, looked.length / 2);
    if (times.size < 2 || (areMany && !isMeasured)) continue;
    // Two patterns that tell the same groups apart are one.
    const numbers = new Map([...times.keys()].map((label, i) => [label, i]));
    const groups = labels.map((label) => numbers.get(label) ?? -1).join();
    if (seen.has(groups)) continue;
    seen.add(groups);
    const classes = [...times.keys()].sort(byCodePoint);
    patterns.push({
      ...part,
      classes,
      explained,
      areNumbers,
      isMeasured: areMany || repeated < mostExplained * explained,
    });
  }
  if (patterns.length === 0) return null;
  const words = patterns.filter(({ areNumbers }) => !areNumbers);
  const plain = words.filter(({ classes }) => classes.every((label) => !/\d/.test(label)));
  const likely =
    plain[0] ??
    (words.length === 1
      ? words[0]
      : patterns.length === 1 && !patterns[0]!.isMeasured
        ? patterns[0]
        : undefined);
  return { patterns, likely: likely?.value ?? null, looked: looked.length };
}

/**
 * The patterns by which pictures of one folder have different labels, and several of them the same one: they neither
 * say what the folder says nor count its pictures. Null where there is none.
 */
export function acrossFolders(names: NameLabels, pictures: readonly Source[]): NameLabels | null {
  const folders = new Map<string, Source[]>();
  for (const picture of pictures) {
    const folder = picture.path.slice(0, picture.path.lastIndexOf('/') + 1);
    const own = folders.get(folder);
    if (own) own.push(picture);
    else folders.set(folder, [picture]);
  }
  const patterns = names.patterns.filter((pattern) =>
    [...folders.values()].every((own) => {
      const labels = new Set(own.map(({ path }) => labelIn(stem(path), pattern)));
      return labels.size > 1 && labels.size < own.length;
    }),
  );
  return patterns.length === 0 ? null : { ...names, patterns, likely: null };
}

/** Without the signs around it. */
function labelIn(stem: string, { of }: Part): string {
  return of(stem)
    .replace(/^[\s_.()[\]-]+|[\s_.()[\]-]+$/g, '')
    .normalize('NFC');
}

/** Whether a pattern is likely enough to be offered beside other labels. */
export function hasWords({ patterns }: NameLabels): boolean {
  return patterns.some(({ classes }) => classes.every((label) => !/\d/.test(label)));
}

/** Asks which part of the names is the label, and whether that is a number and no class. Null: the user has to say. */
export async function placeByName(
  pictures: readonly Source[],
  { patterns, likely, looked }: NameLabels,
  context: ImportContext,
): Promise<{ placed: Placed<Source>[]; areMeasured: boolean } | null> {
  const options = [];
  for (const pattern of patterns) {
    const { value, where, classes, explained } = pattern;
    const sources = classes.slice(0, 4).map((name) => ({
      name,
      sources: pictures.filter(({ path }) => labelIn(stem(path), pattern) === name),
    }));
    const shown = classes.slice(0, 3).join(', ');
    const values = classes.map(Number);
    const what = pattern.isMeasured
      ? `numbers from ${Math.min(...values)} to ${Math.max(...values)}`
      : `${plural(classes.length, 'class', 'classes')} (${shown}${classes.length > 3 ? ', …' : ''})`;
    options.push({
      value,
      text: `${where}: ${what}, ${counted(explained)} of ${counted(looked)} names`,
      samples: await pictureSamples(sources, context),
    });
  }
  const choice = context.pick('namePattern', 'Label in each file name', options, likely, true);
  const pattern = patterns.find(({ value }) => value === choice);
  if (!pattern) return null;
  const known = new Set(pattern.classes);
  const placed: Placed<Source>[] = [];
  for (const item of pictures) {
    const className = labelIn(stem(item.path), pattern);
    if (known.has(className)) placed.push({ item, role: roleOfPath(item.path), className });
    else context.skip(item.where, 'has no label in its name');
  }
  const example = placed[0]!;
  const place = /^(part|the letters) /.test(pattern.where) ? `as ${pattern.where}` : pattern.where;
  context.warn(
    `The labels were taken from the file names: what stands ${place}, such as “${example.className}” of ${baseName(example.item.path)}.`,
  );
  return { placed, areMeasured: pattern.isMeasured };
}
