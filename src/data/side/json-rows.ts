/** Rows in a JSON text: the shapes in which labels of pictures are written. */
import { roleOf } from '../paths';
import { checkRows } from './check-rows';

export interface JsonRows {
  /** Null: there are no titles. */
  header: string[] | null;
  rows: string[][];
}

type Fields = Record<string, unknown>;

/**
 * Reads JSON, or a line of JSON for each row. Null for any other shape than these: objects with equal keys; a label, an
 * object or a list of labels by name; names by class or by split; rows as lists; and what COCO's annotations are.
 */
export function jsonRows(text: string): JsonRows | null {
  const value = parsed(text);
  return value === undefined ? null : rowsOfValue(value, 0);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
    try {
      return lines.map((line) => JSON.parse(line) as unknown);
    } catch {
      return undefined;
    }
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function rowsOfValue(value: unknown, depth: number): JsonRows | null {
  if (depth > 3) return null;
  if (Array.isArray(value)) return rowsOfList(value);
  if (!isObject(value)) return null;
  const coco = cocoRows(value);
  if (coco) return coco;
  const entries = Object.entries(value);
  if (entries.length === 0) return null;
  const values = entries.map(([, inner]) => inner);
  if (values.every(isScalar))
    return { header: null, rows: entries.map(([key, inner]) => [key, String(inner)]) };
  if (entries.every(([key, inner]) => /^\d+$/.test(key) && Array.isArray(inner) && inner.every(isScalar)))
    return { header: null, rows: entries.map(([key, inner]) => [key, ...(inner as unknown[]).map(String)]) };
  if (values.every((inner) => Array.isArray(inner) && inner.every(isScalar)))
    return {
      header: ['name', entries.every(([key]) => roleOf(key) !== null) ? 'split' : 'class'],
      rows: entries.flatMap(([key, inner]) => (inner as unknown[]).map((name) => [String(name), key])),
    };
  const lists = entries.filter(
    ([, inner]) => Array.isArray(inner) && inner.some((one) => typeof one === 'object'),
  );
  if (lists.length > 1 && lists.every(([key]) => roleOf(key) !== null))
    return rowsOfList(
      lists.flatMap(([key, inner]) =>
        (inner as unknown[]).map((one) => (isObject(one) ? { ...one, split: key } : one)),
      ),
    );
  if (lists.length === 1) return rowsOfValue(lists[0]![1], depth + 1);
  if (values.every(isObject))
    return rowsOfObjects(entries.map(([key, inner]) => ({ '\0key': key, ...(inner as Fields) })));
  const inner = values.filter(isObject);
  return inner.length === 1 ? rowsOfValue(inner[0], depth + 1) : null;
}

function rowsOfList(list: readonly unknown[]): JsonRows | null {
  if (list.length === 0) return null;
  if (list.every(isObject)) return rowsOfObjects(list);
  if (list.every((row) => Array.isArray(row)))
    return { header: null, rows: (list as unknown[][]).map((row) => row.map(textOfCell)) };
  return list.every(isScalar) ? { header: null, rows: list.map((one) => [String(one)]) } : null;
}

/** Objects as rows; fields of objects inside are columns of their own. Throws `Unreadable` for too many. */
export function rowsOfObjects(list: readonly Fields[]): { header: string[]; rows: string[][] } {
  checkRows(list.length);
  const most = 256;
  const flat = list.map((one) => Object.fromEntries(flatFields(one, 0)));
  const keys = new Set<string>();
  for (const one of flat) for (const key of Object.keys(one)) if (keys.size < most) keys.add(key);
  const header = [...keys];
  return {
    header: header.map((key) => (key.startsWith('\0') ? 'file' : key)),
    rows: flat.map((one) => header.map((key) => textOfCell(one[key]))),
  };
}

/** Fields of objects inside, and of the first object of a list, by the path of their keys. */
function flatFields(one: Fields, depth: number): [string, unknown][] {
  const deepest = 6;
  return Object.entries(one).flatMap(([key, value]): [string, unknown][] => {
    const inner: unknown = Array.isArray(value) && isObject(value[0]) ? value[0] : value;
    if (!isObject(inner) || depth === deepest) return [[key, value]];
    return flatFields(inner, depth + 1).map(([name, own]): [string, unknown] => [`${key}.${name}`, own]);
  });
}

function textOfCell(value: unknown): string {
  if (isScalar(value)) return String(value);
  return Array.isArray(value) && value.every(isScalar) ? value.map(String).join(';') : '';
}

/** Annotations in COCO's shape: files, and categories of each. */
function cocoRows({ images, annotations, categories }: Fields): JsonRows | null {
  if (!Array.isArray(images) || !Array.isArray(annotations)) return null;
  const names = new Map(
    (Array.isArray(categories) ? categories : [])
      .filter(isObject)
      .map(({ id, name }) => [String(id), textOfCell(name)]),
  );
  const labels = new Map<string, Set<string>>();
  for (const one of annotations.filter(isObject)) {
    const label = String(one.category_id);
    const own = labels.get(String(one.image_id)) ?? new Set();
    labels.set(String(one.image_id), own.add(names.get(label) ?? label));
  }
  const rows = images
    .filter(isObject)
    .map(({ id, file_name: name }) => [textOfCell(name), [...(labels.get(String(id)) ?? [])].join(';')]);
  return { header: ['file_name', 'category'], rows };
}
