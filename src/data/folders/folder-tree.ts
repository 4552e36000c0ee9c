/** The folders of pictures as a tree. */
export interface Item {
  path: string;
  where: string;
}

export interface Folder<T> {
  name: string;
  /** Pictures directly in the folder. */
  items: T[];
  folders: Map<string, Folder<T>>;
}

/** An item that is left out, and the end of the sentence that says why. */
export interface Left<T> {
  item: T;
  why: string;
}

/** Deeper folders are merged with their parent. It bounds the recursion; real data sets are not this deep. */
const deepest = 32;

export function treeOf<T extends Item>(items: readonly T[]): Folder<T> {
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

export function itemsIn<T>(folder: Folder<T>): T[] {
  return [...folder.items, ...[...folder.folders.values()].flatMap(itemsIn)];
}

export function sizeOf<T>(folder: Folder<T>): number {
  let size = folder.items.length;
  for (const inner of folder.folders.values()) size += sizeOf(inner);
  return size;
}

/** A picture below a folder, with the names of the folders between them. */
export interface Below<T> {
  item: T;
  folders: string[];
}

export function below<T>(folder: Folder<T>, above: readonly string[] = []): Below<T>[] {
  return [
    ...folder.items.map((item) => ({ item, folders: [...above] })),
    ...[...folder.folders.values()].flatMap((inner) => below(inner, [...above, inner.name])),
  ];
}

/** Names of folders that say only that pictures are in them. */
const generic =
  /^(the[_\s-]?)?(images?|imgs?|pictures?|pics?|photos?|frames?|jpe?gs?|jpegimages|pngs?|bmps?|rgb|colou?r|data|dataset|files?|raw|originals?|samples?|all|input|inputs|(train|training|test|testing|val|valid|validation)[_\s-]?(images?|imgs?|data|set|jpe?gs?|pngs?))$/i;

/** Whether a name can be that of a folder with all kinds of pictures in it. */
export function isGeneric(name: string): boolean {
  return generic.test(name);
}

/** "part_1" and "part_2": names that differ in a number only; the text around it, or null. */
export function countedName(names: readonly string[]): string | null {
  const texts = new Set(names.map((name) => name.replace(/\d+/g, '#').toLowerCase()));
  const [text] = texts;
  return texts.size === 1 && names.length > 1 && text!.includes('#') ? text! : null;
}

const partWords =
  /(^|[^a-z])(parts?|batch(es)?|chunks?|shards?|vol(ume)?s?|sections?|archives?|zips?|discs?|disks?|images?|imgs?|photos?|dumps?|files?|folds?)([^a-z]|$)/;

/** Whether folders are parts of one heap of pictures: "HAM10000_images_part_1", "images_002", "fold3". */
export function areParts(names: readonly string[]): boolean {
  const text = countedName(names);
  return text !== null && partWords.test(text);
}

const groupWords =
  /(^|[^a-z])(s|p|subj(ect)?s?|persons?|people|patients?|users?|participants?|actors?|speakers?|signers?|writers?|authors?|volunteers?|cameras?|cams?|scenes?|sessions?|seqs?|sequences?|videos?|folds?|domains?|sites?|hospitals?|cent(er|re)s?|id|groups?|takes?|runs?|days?)([^a-z]|$)/;

/** Whether folders count who or where the pictures are from: "subject01", "s2", "cam_3". */
export function areGroups(names: readonly string[]): boolean {
  const text = countedName(names);
  return text !== null && (groupWords.test(text) || partWords.test(text));
}
