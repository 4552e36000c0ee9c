/** Splits and classes from the paths of pictures: the layout that torchvision calls ImageFolder. */
import { Refusal, type ImportContext } from './import-context';
import { roleOf, type Role } from './paths';
import type { RowTargets } from './raw-dataset';

export interface Placed<T> {
  item: T;
  role: Role | null;
  className: string;
  /** In place of a class. */
  targets?: RowTargets;
}

interface Item {
  path: string;
  where: string;
}

interface Folder<T> {
  name: string;
  /** Pictures directly in the folder. */
  items: T[];
  folders: Map<string, Folder<T>>;
}

/**
 * Gives each picture its class (the first folder below the split) and its split. Folders that wrap the whole set are
 * skipped. Pictures outside the class folders are reported as left out. Throws a refusal when there are no class
 * folders.
 */
export function placeInClasses<T extends Item>(items: readonly T[], context: ImportContext): Placed<T>[] {
  const { folder: root, role } = unwrapped(treeOf(items), context);
  if (root.folders.size === 0)
    throw new Refusal(
      'The pictures lie in no folders, so nothing says what they show. Put the pictures of each class into a folder with its name.',
    );
  const splits = splitsOf(root);
  if (!splits) return placed(root, role, context);
  for (const folder of root.folders.values())
    if (!splits.has(folder))
      skipAll(folder, `lies in "${folder.name}", outside the folders for training and test`, context);
  skipItems(root, 'lies outside the folders for training and test', context);
  const all = [...splits].flatMap(([folder, split]) =>
    placed(unwrapped(folder, context).folder, split, context),
  );
  if (all.length === 0)
    throw new Refusal(
      'The folders for training and test hold pictures, but no class folders. Put the pictures of each class into a folder with its name.',
    );
  return all;
}

/** Deeper folders are merged with their parent. It bounds the recursion; real data sets are not this deep. */
const deepest = 32;

function treeOf<T extends Item>(items: readonly T[]): Folder<T> {
  const root: Folder<T> = { name: '', items: [], folders: new Map() };
  for (const item of items) {
    let folder = root;
    for (const name of item.path.split('/').slice(0, -1).slice(0, deepest)) {
      let next = folder.folders.get(name);
      if (!next) {
        next = { name, items: [], folders: new Map() };
        folder.folders.set(name, next);
      }
      folder = next;
    }
    folder.items.push(item);
  }
  return root;
}

/**
 * Descends while a folder holds only one folder with subfolders. One or two pictures beside it do not stop the
 * descent.
 */
function unwrapped<T extends Item>(
  from: Folder<T>,
  context: ImportContext,
): { folder: Folder<T>; role: Role | null } {
  let folder = from;
  let role: Role | null = null;
  for (;;) {
    const [only] = folder.folders.values();
    if (!only || folder.folders.size > 1) return { folder, role };
    const isWrapper = only.folders.size > 0 && folder.items.length <= 0.05 * sizeOf(only);
    // A single folder with the pictures of one class is that class, unless it is the only folder.
    if (!isWrapper) return { folder, role };
    skipItems(folder, 'lies outside the class folders', context);
    role = roleOf(only.name) ?? role;
    folder = only;
  }
}

/**
 * The folders of a level that are splits: either all of them have names of splits and one holds folders, or the
 * training folder and another split hold folders. Otherwise all are classes, even one called "test".
 */
function splitsOf<T>(root: Folder<T>): Map<Folder<T>, Role> | null {
  const folders = [...root.folders.values()];
  const named = new Map<Folder<T>, Role>();
  for (const folder of folders) {
    const role = roleOf(folder.name);
    if (role) named.set(folder, role);
  }
  const deep = [...named].filter(([folder]) => folder.folders.size > 0);
  if (named.size === folders.length && deep.length > 0) return named;
  const roles = new Set(deep.map(([, role]) => role));
  if (roles.has('train') && roles.size > 1) return new Map(deep);
  if (named.size === folders.length)
    throw new Refusal(
      `The folders ${folders.map(({ name }) => `"${name}"`).join(' and ')} hold pictures, but no class folders. Put the pictures of each class into a folder with its name.`,
    );
  return null;
}

function placed<T extends Item>(level: Folder<T>, role: Role | null, context: ImportContext): Placed<T>[] {
  skipItems(level, 'lies in no class folder', context);
  const folders = [...level.folders.values()];
  const all = folders.flatMap((folder) =>
    itemsIn(folder).map((item): Placed<T> => ({ item, role, className: folder.name })),
  );
  const [example] = folders;
  if (!example || all.length === 0 || folders.some(({ items }) => items.length > 0)) return all;
  const inner = folders.flatMap((folder) =>
    [...folder.folders.values()].map((child) => ({ className: `${folder.name}/${child.name}`, child })),
  );
  const choice = context.pick(
    'classLevel',
    'Folders that are classes',
    [
      { value: 'outer', text: `the outer ones, such as ${example.name}` },
      { value: 'inner', text: `the inner ones, such as ${inner[0]!.className}` },
    ],
    'outer',
  );
  context.warn(
    `The pictures lie two or more folders deep; the ${choice} folder was taken as the class (such as "${choice === 'inner' ? inner[0]!.className : example.name}").`,
  );
  if (choice !== 'inner') return all;
  return inner.flatMap(({ className, child }) => itemsIn(child).map((item) => ({ item, role, className })));
}

function itemsIn<T>(folder: Folder<T>): T[] {
  return [...folder.items, ...[...folder.folders.values()].flatMap(itemsIn)];
}

function sizeOf<T>(folder: Folder<T>): number {
  let size = folder.items.length;
  for (const inner of folder.folders.values()) size += sizeOf(inner);
  return size;
}

function skipItems<T extends Item>(folder: Folder<T>, why: string, context: ImportContext): void {
  for (const { where } of folder.items) context.skip(where, why);
}

function skipAll<T extends Item>(folder: Folder<T>, why: string, context: ImportContext): void {
  for (const { where } of itemsIn(folder)) context.skip(where, why);
}
