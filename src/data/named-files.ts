/** Resolves file names in tables: by path relative to the table, otherwise by a name that only one file has. */
import { baseName, roleOf, roleOfPath, type Role } from './paths';

export type Match<T> =
  | { kind: 'none' }
  /** `exact` when the whole path matches, not only the name. */
  | { kind: 'one'; file: T; exact: boolean }
  /** The name matches several files and is ambiguous. */
  | { kind: 'several'; files: T[] };

interface Named {
  path: string;
}

export class NamedFiles<T extends Named> {
  private readonly byPath = new Map<string, T[]>();
  private readonly byName = new Map<string, T[]>();

  constructor(files: readonly T[]) {
    for (const file of files) {
      for (const key of new Set(pathKeys(file.path))) add(this.byPath, key, file);
      add(this.byName, withoutEnding(baseName(file.path)).toLowerCase(), file);
    }
  }

  /**
   * The file that a cell of a table names.
   * @param table path of the table; its folder and the split in its path narrow the search
   * @param cell a path relative to the table, a path from elsewhere or a bare name, each with or without its ending
   */
  find(table: string, cell: string): Match<T> {
    const parts = partsOf(cell);
    const exact = this.atPath(resolved(folderOf(table), parts).join('/'));
    if (exact.length === 1) return { kind: 'one', file: exact[0]!, exact: true };
    if (exact.length > 1) return { kind: 'several', files: exact };
    const [file, ...others] = this.byNameAlone(table, parts);
    if (!file) return { kind: 'none' };
    return others.length === 0
      ? { kind: 'one', file, exact: false }
      : { kind: 'several', files: [file, ...others] };
  }

  /** Files at a path: as written, otherwise ignoring case, otherwise with another ending or none. */
  private atPath(path: string): T[] {
    for (const key of pathKeys(path)) {
      const files = this.byPath.get(key);
      if (files) return files;
    }
    return [];
  }

  /**
   * Files with this name, narrowed by split, then ending, then the folders in the cell, then distance to the table.
   */
  private byNameAlone(table: string, parts: readonly string[]): T[] {
    const name = parts.at(-1) ?? '';
    const folders = parts.slice(0, -1);
    const wanted = roleIn(folders) ?? soleRole(baseName(table)) ?? roleIn(folderOf(table));
    const sameName = this.byName.get(withoutEnding(name).toLowerCase()) ?? [];
    const sameSplit = sameName.filter(({ path }) => {
      const role = roleOfPath(path);
      return wanted === null || role === null || role === wanted;
    });
    const sameEnding = sameSplit.filter(({ path }) => baseName(path).toLowerCase() === name.toLowerCase());
    return nearest(
      bestBy(sameEnding.length > 0 ? sameEnding : sameSplit, ({ path }) => shared(folders, folderOf(path))),
      folderOf(table),
    );
  }
}

function add<T>(map: Map<string, T[]>, key: string, file: T): void {
  const files = map.get(key);
  if (files) files.push(file);
  else map.set(key, [file]);
}

/** Keys from strict to lenient; lenient keys start with a character that paths cannot contain. */
function pathKeys(path: string): string[] {
  return [path, `\0${path.toLowerCase()}`, `\0\0${withoutEnding(path).toLowerCase()}`];
}

/** Tables often omit endings, and pictures are often converted to another format. */
function withoutEnding(path: string): string {
  return path.replace(/\.(png|jpe?g|gif|webp|bmp|avif|p[gp]m|tiff?|wav)$/i, '');
}

function partsOf(cell: string): string[] {
  return cell
    .trim()
    .replaceAll('\\', '/')
    .normalize('NFC')
    .split('/')
    .filter((part) => part !== '' && part !== '.');
}

function folderOf(path: string): string[] {
  return path.split('/').slice(0, -1);
}

/** Resolves ".." as far as there is a parent. */
function resolved(folder: readonly string[], parts: readonly string[]): string[] {
  const path = [...folder];
  for (const part of parts)
    if (part === '..') path.pop();
    else path.push(part);
  return path;
}

/** The split that a name states; null when it states several, as `train_test_labels.csv` does. */
export function soleRole(name: string): Role | null {
  const roles = new Set(
    name
      .replace(/(\p{Ll})(?=\p{Lu})/gu, '$1_')
      .split(/[^\p{L}\d]+/u)
      .map(roleOf)
      .filter((role) => role !== null),
  );
  return roles.size === 1 ? [...roles][0]! : null;
}

/** The split of the innermost folder that states one. */
function roleIn(folders: readonly string[]): Role | null {
  for (const folder of [...folders].reverse()) {
    const role = roleOf(folder);
    if (role) return role;
  }
  return null;
}

/** The items with the highest score. */
function bestBy<T>(items: readonly T[], score: (item: T) => number): T[] {
  const scores = items.map(score);
  const best = Math.max(...scores);
  return items.filter((_, i) => scores[i] === best);
}

/** Number of equal folders, counted from the innermost. */
function shared(a: readonly string[], b: readonly string[]): number {
  let count = 0;
  while (count < a.length && a.at(-1 - count)?.toLowerCase() === b.at(-1 - count)?.toLowerCase()) count++;
  return count;
}

/** The files below the folder; if there are none, those below its parent, and so on. */
function nearest<T extends Named>(files: readonly T[], folder: readonly string[]): T[] {
  for (let depth = folder.length; depth > 0; depth--) {
    const prefix = `${folder.slice(0, depth).join('/')}/`;
    const below = files.filter(({ path }) => path.startsWith(prefix));
    if (below.length > 0) return below;
  }
  return [...files];
}
