/** Folders that an archive holds twice. */
import type { Source } from '../source';
import { Unreadable } from '../source';
import { below, isGeneric, type Below, type Folder } from './folder-tree';

/** A folder that repeats another one, or the folders beside it. */
export interface Copy {
  copy: Folder<Source>;
  /** What stays; the level itself where that is the folders beside the copy. */
  of: Folder<Source>;
  /** What was found alike: names of files and folders alone, or bytes of some files too. */
  by: 'names' | 'bytes';
}

/** Files that are compared before a folder counts as a copy. */
const compared = 8;

/**
 * Removes folders of a level that hold the same files as another one of about the same name, as "Set" and "set", or
 * "data/set" and "set". Folders with folders inside are compared by all their paths, others by bytes too, because
 * files of two classes are often called alike. The first stays.
 * @returns the removed ones, each with the one that stays and with what they were compared by
 */
export async function removeCopies(level: Folder<Source>): Promise<Copy[]> {
  const kept: { folder: Folder<Source>; names: Set<string>; files: Map<string, Source> }[] = [];
  const copies: Copy[] = [];
  if (level.folders.size < 2) return copies;
  for (const [name, folder] of level.folders) {
    if (!repeatsLevel(folder, level)) continue;
    copies.push({ copy: folder, of: level, by: 'names' });
    level.folders.delete(name);
  }
  for (const [name, folder] of level.folders) {
    const { names, inner } = unwrapped(folder);
    const files = new Map(below(inner).map((found) => [keyOf(found), found.item]));
    const by = inner.folders.size < 2 ? 'bytes' : 'names';
    let copyOf: Folder<Source> | null = null;
    for (const other of kept) {
      if (![...names].some((own) => other.names.has(own)) || !haveSameNames(files, other.files)) continue;
      if (by === 'bytes' && !(await areSame(files, other.files))) continue;
      copyOf = other.folder;
      break;
    }
    if (copyOf) {
      copies.push({ copy: folder, of: copyOf, by });
      level.folders.delete(name);
    } else kept.push({ folder, names, files });
  }
  return copies;
}

/** Whether a folder holds the folders beside it once more, with files of the same names. */
function repeatsLevel(folder: Folder<Source>, level: Folder<Source>): boolean {
  const { inner } = unwrapped(folder);
  const beside = [...level.folders.values()].filter((other) => other !== folder);
  if (beside.length < 2 || inner.folders.size !== beside.length) return false;
  return beside.every((other) => {
    const own = inner.folders.get(other.name);
    if (!own) return false;
    const names = new Set(below(own).map(keyOf));
    const others = below(other).map(keyOf);
    return (
      others.filter((key) => names.has(key)).length >= mostRepeated * Math.max(names.size, others.length)
    );
  });
}

/** At least this share of files has to be there twice. */
const mostRepeated = 0.9;

/** The folder below those that hold one folder alone, and the names of all of them. */
function unwrapped(folder: Folder<Source>): { names: Set<string>; inner: Folder<Source> } {
  const names = new Set([nameOf(folder.name)]);
  let inner = folder;
  while (inner.items.length === 0 && inner.folders.size === 1) {
    inner = [...inner.folders.values()][0]!;
    // Each of several sets may have its own “images”.
    if (!isGeneric(inner.name)) names.add(nameOf(inner.name));
  }
  return { names, inner };
}

/** Without signs, and without the "copy" or "(1)" that systems add. */
function nameOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[\s_-]*(copy|\(\d+\))$/, '')
    .replace(/[^\p{L}\p{N}]+/gu, '');
}

function keyOf({ item, folders }: Below<Source>): string {
  return `${folders.join('/')}/${item.path.slice(item.path.lastIndexOf('/') + 1)}`.toLowerCase();
}

function haveSameNames(a: ReadonlyMap<string, Source>, b: ReadonlyMap<string, Source>): boolean {
  return a.size === b.size && [...a.keys()].every((key) => b.has(key));
}

async function areSame(a: ReadonlyMap<string, Source>, b: ReadonlyMap<string, Source>): Promise<boolean> {
  const step = Math.max(1, Math.floor(a.size / compared));
  const keys = [...a.keys()].filter((_, i) => i % step === 0).slice(0, compared);
  try {
    for (const key of keys) {
      const one = (await a.get(key)!.read(Infinity)).slice();
      const other = await b.get(key)!.read(Infinity);
      if (one.length !== other.length || one.some((byte, i) => byte !== other[i])) return false;
    }
    return true;
  } catch (error) {
    if (error instanceof Unreadable) return false;
    throw error;
  }
}
