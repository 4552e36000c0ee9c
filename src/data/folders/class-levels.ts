/** Which level of folders names the classes. */
import { type ImportContext } from '../import-context';
import { counted, plural } from '../limits';
import { byCodePoint, roleOf, type Role } from '../paths';
import type { Source } from '../source';
import { areGroups, areParts, below, countedName, isGeneric, type Below } from './folder-tree';
import type { Region } from './regions';

export interface Leveled extends Below<Source> {
  role: Role | null;
}

export interface ClassLevels {
  /** Pictures below class folders; `folders` are the levels that may be classes, from the outermost. */
  placed: Leveled[];
  /** Pictures in no class folder. */
  loose: Omit<Leveled, 'folders'>[];
  /** Levels below which every picture lies. */
  depth: number;
  /** Whether there were folders of splits below the outermost level. */
  splitsInside: boolean;
}

/** Sorts out levels that say nothing of classes: those with one name for all, with splits, or with the name above. */
export function classLevels(regions: readonly Region[]): ClassLevels {
  const all = regions.map(({ folder, role }) => ({
    role,
    found: below(folder).map((one): Leveled => ({ ...one, role })),
  }));
  const trained = all.filter(({ role }) => role === null || role === 'train');
  const main = trained.length > 0 ? trained : all;
  const names = new Set(main.flatMap(({ found }) => found.flatMap(({ folders }) => folders.slice(0, 1))));
  const placed: Leveled[] = [];
  const loose: ClassLevels['loose'] = [];
  for (const region of all) {
    const own = new Set(region.found.flatMap(({ folders }) => folders.slice(0, 1)));
    // A folder of a test split that no class is called like holds all of its pictures.
    const isHeap = !main.includes(region) && own.size === 1 && !names.has([...own][0]!);
    for (const one of region.found)
      if (isHeap || one.folders.length === 0) loose.push(one);
      else placed.push(one);
  }
  return withoutEmptyLevels(placed, loose);
}

function withoutEmptyLevels(placed: Leveled[], loose: ClassLevels['loose']): ClassLevels {
  let depth = placed.reduce((least, { folders }) => Math.min(least, folders.length), Infinity);
  if (!Number.isFinite(depth)) depth = 0;
  let level = 0;
  let splitsInside = false;
  while (level < depth) {
    const at = level;
    const isDropped = depth > 1 && saysNothing(placed, at);
    if (!isDropped) {
      level++;
      continue;
    }
    const areSplits = hasSplits(placed, at);
    splitsInside ||= areSplits && at === 1;
    for (const one of placed) {
      const [name] = one.folders.splice(at, 1);
      if (areSplits) one.role = roleOf(name!);
    }
    depth--;
  }
  return { placed, loose, depth, splitsInside };
}

function hasSplits(placed: readonly Leveled[], level: number): boolean {
  const names = new Set(placed.map(({ folders }) => folders[level]!));
  const roles = new Set([...names].map(roleOf));
  const folders = parentsOf(placed, level).reduce((sum, { inner }) => sum + inner.length, 0);
  return level > 0 && !roles.has(null) && roles.size > 1 && names.size < folders;
}

function saysNothing(placed: readonly Leveled[], level: number): boolean {
  const names = new Set(placed.map(({ folders }) => folders[level]!));
  if (names.size === 1 || hasSplits(placed, level)) return true;
  if (level === 0) return areInitials(placed);
  const parents = parentsOf(placed, level);
  return parents.every(
    ({ name, inner }) =>
      inner.length === 1 && (isGeneric(inner[0]!) || inner[0]!.toLowerCase() === name.toLowerCase()),
  );
}

/** Whether the outermost folders are letters of the alphabet that those in them begin with: "a/abbey". */
function areInitials(placed: readonly Leveled[]): boolean {
  const parents = parentsOf(placed, 1);
  const inner = parents.reduce((sum, own) => sum + own.inner.length, 0);
  return (
    inner > parents.length &&
    parents.every(
      ({ name, inner: own }) =>
        /^\p{L}$/u.test(name) && own.every((one) => /^\p{L}{2}/u.test(one) && sameLetter(one[0]!, name)),
    )
  );
}

function sameLetter(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Folders of the level above one, with the names in each. */
function parentsOf(placed: readonly Leveled[], level: number): { name: string; inner: string[] }[] {
  const parents = new Map<string, Set<string>>();
  for (const { folders } of placed) {
    const key = folders.slice(0, level).join('/');
    const inner = parents.get(key);
    if (inner) inner.add(folders[level]!);
    else parents.set(key, new Set([folders[level]!]));
  }
  return [...parents].map(([key, inner]) => ({
    name: key.slice(key.lastIndexOf('/') + 1),
    inner: [...inner],
  }));
}

export interface LevelOption {
  value: string;
  /** "the inner ones, merged over the outer" */
  what: string;
  /** Level, from 0. */
  level: number;
  /** Names of all levels down to this one are joined. */
  joined: boolean;
  classes: string[];
  folders: number;
}

/** All readings of some levels, those that tell the same classes apart once. */
export function levelOptions(placed: readonly Leveled[], depth: number): LevelOption[] {
  const options: LevelOption[] = [];
  for (let level = 0; level < depth; level++) {
    const paths = new Set(placed.map(({ folders }) => folders.slice(0, level + 1).join('/')));
    const names = new Set(placed.map(({ folders }) => folders[level]!));
    const isFirst = level === 0;
    const ordinal = level === 1 ? 'inner' : `level ${level + 1}`;
    if (
      isFirst ||
      paths.size > names.size ||
      countedName([...new Set(placed.map(({ folders }) => folders[0]!))])
    )
      options.push({
        value: isFirst ? 'outer' : level === 1 ? 'merged' : `merged${level + 1}`,
        what: isFirst
          ? 'the outer ones'
          : `the ${level === 1 ? 'inner ones' : `ones at ${ordinal}`}, merged over the others`,
        level,
        joined: false,
        classes: [...names].sort(byCodePoint),
        folders: paths.size,
      });
    if (!isFirst)
      options.push({
        value: level === 1 ? 'inner' : `path${level + 1}`,
        what: level === 1 ? 'the inner ones' : `the ones at ${ordinal}`,
        level,
        joined: true,
        classes: [...paths].sort(byCodePoint),
        folders: paths.size,
      });
  }
  return options;
}

/**
 * Names of the outermost folders where these are sets of their own: each has splits inside, and the classes of one are
 * not those of another.
 */
export function setsAmong({ placed, depth, splitsInside }: ClassLevels): string[] {
  if (!splitsInside || depth < 2) return [];
  const { inner, repeated } = innerNames(placed);
  const outer = new Set(placed.map(({ folders }) => folders[0]!));
  return repeated < inner.length / 2 ? [...outer].sort(byCodePoint) : [];
}

function innerNames(placed: readonly Leveled[]): { inner: string[]; repeated: number; parents: number } {
  const parents = parentsOf(placed, 1);
  const times = new Map<string, number>();
  for (const { inner } of parents) for (const name of inner) times.set(name, (times.get(name) ?? 0) + 1);
  const repeated = [...times.values()].filter((count) => count > 1).length;
  return { inner: [...times.keys()], repeated, parents: parents.length };
}

/** The level that a picture is more likely sorted by. */
export function likelyLevel({ placed, depth, splitsInside }: ClassLevels): string {
  if (depth < 2) return 'outer';
  const outer = [...new Set(placed.map(({ folders }) => folders[0]!))];
  const { inner, repeated, parents } = innerNames(placed);
  const isRepeated = inner.length > 1 && repeated >= inner.length / 2;
  const isCounted =
    areGroups(inner) || (countedName(inner) !== null && !inner.every((name) => /^\d+$/.test(name)));
  if (areGroups(outer) && !isCounted && (isRepeated || areParts(outer))) return 'merged';
  const areNumbers = inner.every((name) => /^\d+$/.test(name));
  // Of two folders with the same ones inside nothing tells which are classes, unless each has its splits.
  return isRepeated && !isCounted && !areNumbers && (parents > 2 || splitsInside) ? 'merged' : 'outer';
}

/** "3 classes in 12 folders, such as cat" */
export function optionText({ what, classes, folders }: LevelOption): string {
  const inFolders = folders > classes.length ? ` in ${counted(folders)} folders` : '';
  return `${what}, such as ${classes[0]}: ${plural(classes.length, 'class', 'classes')}${inFolders}`;
}

/** Class of a picture under a reading. */
export function classAt({ folders }: Below<Source>, { level, joined }: LevelOption): string {
  return joined ? folders.slice(0, level + 1).join('/') : folders[level]!;
}

/** Folders of the outermost level, which may be domains where the classes lie deeper. */
export function domainsOf(placed: readonly Leveled[], option: LevelOption): string[] {
  if (option.level === 0 || option.joined) return [];
  const most = 20;
  const names = [...new Set(placed.map(({ folders }) => folders[0]!))].sort(byCodePoint);
  return names.length > 1 && names.length <= most ? names : [];
}

/** Takes the domain that the user chose; all together unless there is a choice. */
export function inDomain(
  placed: readonly Leveled[],
  domains: readonly string[],
  context: ImportContext,
): Leveled[] {
  if (domains.length === 0) return [...placed];
  const numbered = domains.map((name, i) => ({ value: String(i + 1), name }));
  const choice = context.pick(
    'domain',
    'Outer folders',
    [
      { value: 'all', text: 'all together' },
      ...numbered.map(({ value, name }) => ({ value, text: `${name} alone, as a domain` })),
    ],
    'all',
  );
  const chosen = numbered.find(({ value }) => value === choice);
  if (!chosen) return [...placed];
  const kept = placed.filter(({ folders }) => folders[0] === chosen.name);
  context.warn(
    `Only “${chosen.name}” was read, ${plural(kept.length, 'picture')} of ${counted(placed.length)}. Drop the files again and choose another folder to have a second domain.`,
  );
  return kept;
}
