/** Parts of a folder tree that belong to one split: below them lie the class folders. */
import { roleOf, type Role } from '../paths';
import type { Source } from '../source';
import { removeCopies } from './copies';
import { itemsIn, sizeOf, type Folder, type Left } from './folder-tree';

export interface Region {
  folder: Folder<Source>;
  role: Role | null;
}

export interface Regions {
  regions: Region[];
  left: Left<Source>[];
  /** Notes on what was passed over, a sentence each. */
  notes: string[];
  /** Names of folders that are splits without a folder inside. */
  flat: string[];
}

/** Finds the regions of a tree; folders that wrap everything and copies of folders are passed over. */
export async function regionsOf(root: Folder<Source>): Promise<Regions> {
  const found: Regions = { regions: [], left: [], notes: [], flat: [] };
  await collect(root, null, found);
  return found;
}

async function collect(from: Folder<Source>, given: Role | null, found: Regions): Promise<void> {
  const { folder, role: own } = unwrapped(from, found);
  const role = given ?? own;
  for (const { copy, of, by } of await removeCopies(folder)) {
    const other = of === folder ? 'the folders beside it' : `“${of.name}”`;
    for (const item of itemsIn(copy))
      found.left.push({ item, why: `is a copy: "${copy.name}" repeats ${other.replace(/[“”]/g, '"')}` });
    found.notes.push(
      by === 'bytes'
        ? `The folder “${copy.name}” is a copy of ${other} and was left out.`
        : `The folder “${copy.name}” holds files of the same names as ${other}: it was taken for a copy and left out.`,
    );
  }
  // A copy may have been all that stood beside a wrapper.
  const again = unwrapped(folder, found);
  const level = again.folder;
  const splits = splitsOf(level);
  if (!splits) {
    found.regions.push({ folder: level, role: role ?? again.role });
    return;
  }
  if (splits.flat) found.flat.push(...splits.flat);
  for (const item of level.items)
    found.left.push({ item, why: 'lies outside the folders for training and test' });
  for (const child of level.folders.values()) {
    const split = splits.of.get(child);
    if (split === undefined)
      for (const item of itemsIn(child))
        found.left.push({ item, why: `lies in "${child.name}", outside the folders for training and test` });
    else if (child.folders.size > 0) await collect(child, split ?? role, found);
    else found.regions.push({ folder: child, role: split ?? role });
  }
}

/**
 * Descends while a folder holds only one folder with subfolders. One or two pictures beside it do not stop the
 * descent.
 */
function unwrapped(from: Folder<Source>, found: Regions): Region {
  let folder = from;
  let role: Role | null = null;
  for (;;) {
    const [only] = folder.folders.values();
    if (!only || folder.folders.size > 1) return { folder, role };
    const isWrapper = only.folders.size > 0 && folder.items.length <= 0.05 * sizeOf(only);
    // A single folder with the pictures of one class is that class, unless it is the only folder.
    if (!isWrapper) return { folder, role };
    for (const item of folder.items) found.left.push({ item, why: 'lies outside the class folders' });
    role = roleOf(only.name) ?? role;
    folder = only;
  }
}

interface Splits {
  /** Null: the splits are inside. */
  of: Map<Folder<Source>, Role | null>;
  /** Names of the folders, where none holds a folder. */
  flat?: string[];
}

/**
 * The folders of a level that are splits; null where its folders are classes, even one called "test". They are splits
 *
 * - where all have names of splits;
 * - where the training folder and another split hold folders, or the training folder does and the others are flat;
 * - where one alone has no such name, and holds the same folders as the others, or splits of its own.
 */
function splitsOf(level: Folder<Source>): Splits | null {
  const folders = [...level.folders.values()];
  if (folders.length === 0) return null;
  const named = new Map<Folder<Source>, Role>();
  for (const folder of folders) {
    const role = roleOf(folder.name);
    if (role) named.set(folder, role);
  }
  const isDeep = (folder: Folder<Source>) => folder.folders.size > 0;
  const deep = [...named].filter(([folder]) => isDeep(folder));
  if (named.size === folders.length)
    return deep.length > 0 ? { of: named } : { of: named, flat: folders.map(({ name }) => name) };
  const deepRoles = new Set(deep.map(([, role]) => role));
  if (deepRoles.has('train') && new Set(named.values()).size > 1) return { of: named };
  const others = folders.filter((folder) => !named.has(folder));
  const [other] = others;
  if (named.size === 0 || others.length > 1 || !other || !isDeep(other)) return null;
  if (splitsOf(inside(other))) return { of: new Map<Folder<Source>, Role | null>([...named, [other, null]]) };
  const own = namesIn(inside(other));
  const alike = deep.filter(([folder]) => shareNames(own, namesIn(inside(folder))));
  if (alike.length === 0 || alike.some(([, role]) => role === 'train')) return null;
  return { of: new Map<Folder<Source>, Role>([...named, [other, 'train']]) };
}

function inside(folder: Folder<Source>): Folder<Source> {
  let inner = folder;
  while (inner.items.length === 0 && inner.folders.size === 1) {
    const [only] = inner.folders.values();
    if (only!.folders.size === 0) return inner;
    inner = only!;
  }
  return inner;
}

function namesIn(folder: Folder<Source>): Set<string> {
  return new Set(folder.folders.keys());
}

/** Whether two folders hold folders of the same names, for the most part. */
function shareNames(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const both = [...a].filter((name) => b.has(name)).length;
  return both >= 2 && both >= Math.min(a.size, b.size) / 2;
}
