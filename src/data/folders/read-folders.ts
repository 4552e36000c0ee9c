/** Splits and classes from the folders of pictures: the layout that torchvision calls ImageFolder, and its relatives. */
import { quotedNames } from '../../limits/texts';
import { Refusal, type ImportContext } from '../import-context';
import { plural } from '../limits';
import { byCodePoint, stem } from '../paths';
import type { Placed } from '../placed';
import type { Source } from '../source';
import {
  classAt,
  classLevels,
  domainsOf,
  inDomain,
  levelOptions,
  likelyLevel,
  setsAmong,
  optionText,
  type ClassLevels,
  type LevelOption,
} from './class-levels';
import { areGroups, areParts, isGeneric, treeOf, type Left } from './folder-tree';
import { regionsOf } from './regions';
import { pictureSamples } from './samples';

export interface FolderReading extends ClassLevels {
  options: LevelOption[];
  /** Value of an option. */
  likely: string;
  left: Left<Source>[];
  notes: string[];
  /** Why folders cannot be classes; null where there are class folders. */
  problem: string | null;
  /** Names of the outermost folders where these are sets of their own. */
  sets: string[];
  /** Whether the folders are two or more, and not called as parts of one heap. */
  areClasses: boolean;
  /** Whether these classes may be people or places that the pictures are from: "Actor_01", "s2". */
  areGroups: boolean;
}

/** Looks at the folders of pictures. Reports nothing yet: the labels may come from elsewhere. */
export async function readFolders(pictures: readonly Source[]): Promise<FolderReading> {
  const root = treeOf(pictures);
  const { regions, left, notes, flat } = await regionsOf(root);
  const levels = classLevels(regions);
  const { placed, depth } = levels;
  const options = depth > 0 ? levelOptions(placed, depth) : [];
  const likely = likelyLevel(levels);
  const sets = setsAmong(levels);
  const classes = options.find(({ value }) => value === likely)?.classes ?? [];
  const put = 'Put the pictures of each class into a folder with its name.';
  const problem =
    root.folders.size === 0
      ? `The pictures lie in no folders, so nothing says what they show. ${put}`
      : placed.length > 0
        ? null
        : flat.length > 0
          ? `The folders ${flat.map((name) => `"${name}"`).join(' and ')} hold pictures, but no class folders. ${put}`
          : `The folders for training and test hold pictures, but no class folders. ${put}`;
  return {
    ...levels,
    options,
    likely,
    left,
    notes,
    problem,
    sets,
    areClasses: classes.length > 1 && !areParts(classes) && !classes.every(isGeneric),
    areGroups: areGroups(classes),
  };
}

/** The reading that is taken, after asking where there are several; the classes of pictures and their folders. */
export async function placeByFolders(
  reading: FolderReading,
  context: ImportContext,
): Promise<{ placed: Placed<Source>[]; classes: string[] }> {
  if (reading.problem) throw new Refusal(reading.problem);
  for (const note of reading.notes) context.warn(note);
  for (const { item, why } of reading.left) context.skip(item.where, why);
  if (reading.sets.length > 1) return placeSet(reading, context);
  const option = await chosenLevel(reading, context);
  const found = inDomain(reading.placed, domainsOf(reading.placed, option), context);
  const placed = found.map((one) => ({ item: one.item, role: one.role, className: classAt(one, option) }));
  warnAboutPairs(placed, context);
  return { placed, classes: [...new Set(placed.map(({ className }) => className))] };
}

/** Says so where two classes hold pictures of the same names that do not only count them: perhaps pairs. */
function warnAboutPairs(placed: readonly Placed<Source>[], context: ImportContext): void {
  const names = new Map<string, Set<string>>();
  for (const { item, className } of placed) {
    const own = names.get(className) ?? new Set();
    names.set(className, own.add(stem(item.path)));
  }
  const [[one, first] = ['', new Set<string>()], [other, second] = ['', new Set<string>()]] = names;
  if (names.size !== 2 || Math.min(first.size, second.size) < 2) return;
  const both = [...first].filter((name) => second.has(name));
  const words = new Set(both.map((name) => name.replace(/\d+/g, '')));
  if (both.length < 0.8 * Math.max(first.size, second.size) || words.size < both.length / 2) return;
  context.warn(
    `“${one}” and “${other}” hold pictures of the same names, such as “${both[0]}”: these may be pairs, and not two classes.`,
  );
}

/** The pictures of one of several sets. Throws a refusal without an answer. */
async function placeSet(
  { sets, placed }: FolderReading,
  context: ImportContext,
): Promise<{ placed: Placed<Source>[]; classes: string[] }> {
  const options = [];
  for (const [i, name] of sets.entries()) {
    const own = placed.filter(({ folders }) => folders[0] === name);
    const classes = [...new Set(own.map(({ folders }) => folders[1]!))].sort(byCodePoint);
    const groups = classes.slice(0, 4).map((one) => ({
      name: one,
      sources: own.filter(({ folders }) => folders[1] === one).map(({ item }) => item),
    }));
    options.push({
      value: String(i + 1),
      text: `${name}: ${plural(own.length, 'picture')}, ${plural(classes.length, 'class', 'classes')}`,
      samples: await pictureSamples(groups, context),
    });
  }
  const choice = context.pick('set', 'Set to read', options, null, true);
  if (choice === null)
    throw new Refusal(
      `There are ${plural(sets.length, 'set')} of pictures, each with splits of its own: ${quotedNames(sets)}. Choose the one to read; they are not joined, because their classes differ.`,
    );
  const name = sets[Number(choice) - 1]!;
  context.warn(
    `“${name}” was read; ${quotedNames(sets.filter((other) => other !== name))} beside it ${sets.length === 2 ? 'is another set' : 'are other sets'}.`,
  );
  const found = placed
    .filter(({ folders }) => folders[0] === name)
    .map(({ item, role, folders }) => ({ item, role, className: folders[1]! }));
  return { placed: found, classes: [...new Set(found.map(({ className }) => className))] };
}

async function chosenLevel(
  { options, likely, placed }: FolderReading,
  context: ImportContext,
): Promise<LevelOption> {
  if (options.length === 1) return options[0]!;
  const shown = [];
  for (const option of options) {
    const groups = option.classes.slice(0, 4).map((name) => ({
      name,
      sources: placed.filter((one) => classAt(one, option) === name).map(({ item }) => item),
    }));
    shown.push({
      value: option.value,
      text: optionText(option),
      samples: await pictureSamples(groups, context),
    });
  }
  const choice = context.pick('classLevel', 'Folders that are classes', shown, likely, true);
  const chosen = options.find(({ value }) => value === choice)!;
  const kind = chosen.level === 0 ? 'outer' : chosen.level === 1 ? 'inner' : `level ${chosen.level + 1}`;
  const merged =
    chosen.level > 0 && !chosen.joined ? `, merged over the ${chosen.folders} folders of that level,` : '';
  context.warn(
    `The pictures lie two or more folders deep; the ${kind} folder${merged} was taken as the class (such as "${chosen.classes[0]}").`,
  );
  return chosen;
}
