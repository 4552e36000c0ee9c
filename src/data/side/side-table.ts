/** Texts beside pictures as rows of cells: tables, lists, JSON, JSON Lines, a text for each picture. */
import type { ImportContext } from '../import-context';
import { bytesInWords } from '../limits';
import { hasPictureName } from '../paths';
import { Unreadable, type Source } from '../source';
import { textOf } from '../text';
import { linesOf, rowsOf, separatorIn, UnclosedQuote } from '../text-table';
import { checkRows } from './check-rows';
import { jsonRows, rowsOfObjects } from './json-rows';

export interface SideTable {
  path: string;
  where: string;
  /** Null: the first row may be a header or not. */
  header: string[] | null;
  rows: SideRow[];
}

export interface SideRow {
  /** From 1; for JSON the number of the entry. */
  line: number;
  cells: string[];
}

/** Longest JSON file that is read. */
const mostJson = 64 * 1024 * 1024;

/** Null for a text that holds no rows. */
export async function readSideTable(source: Source, context: ImportContext): Promise<SideTable | null> {
  try {
    const head = textOf(await source.read(4096));
    if (head === null) return null;
    if (/^\s*[{[]/.test(head)) return await readJson(source, context);
    const separator = await separatorIn(source);
    const { path, where } = source;
    if (separator === null || (separator === ',' && hasBlankLists(head)))
      return await readList(source, context);
    const rows: SideRow[] = [];
    for await (const { line, cells } of rowsOf(source, separator, context)) {
      rows.push({ line, cells: cells.map(tidy) });
      checkRows(rows.length);
    }
    return rows.length > 0 ? { path, where, header: null, rows } : null;
  } catch (error) {
    if (error instanceof UnclosedQuote) context.warn(`A text beside the data was not read: ${error.message}`);
    else if (error instanceof Unreadable) context.warn(`${source.where} was not read: it ${error.message}.`);
    else throw error;
    return null;
  }
}

/** "000001.jpg 1 tench, Tinca": commas stand in names, blanks between cells. */
function hasBlankLists(head: string): boolean {
  const lines = head
    .split(/\r?\n/)
    .slice(0, 20)
    .filter((line) => line.trim() !== '');
  return lines.length > 0 && lines.every((line) => /^\S*[^\s,]\s+\S/.test(line));
}

function tidy(cell: string): string {
  return cell.trim().normalize('NFC');
}

/**
 * Lines with blanks between cells. Where the lines have not the same number of words, the first is a cell and the rest
 * of the line another one. A line with the number of rows, and one with titles, may come before.
 */
async function readList(source: Source, context: ImportContext): Promise<SideTable | null> {
  const lines: { line: number; text: string }[] = [];
  let line = 0;
  for await (const text of linesOf(source, context)) {
    line++;
    // Comments come before the rows.
    const isComment = text.startsWith('#') && lines.length === 0;
    if (text.trim() !== '' && !isComment) lines.push({ line, text: text.trim() });
    checkRows(line);
  }
  if (lines[0] && /^\d+$/.test(lines[0].text) && Number(lines[0].text) === lines.length - 2) lines.shift();
  const counts = new Map<number, number>();
  const words = lines.map(({ text }) => text.split(/\s+/));
  for (const { length } of words) counts.set(length, (counts.get(length) ?? 0) + 1);
  const [usual, times] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [0, 0];
  const isEven = times >= 0.98 * lines.length || (times === lines.length - 1 && times > 0);
  const { path, where } = source;
  let header: string[] | null = null;
  let rows: SideRow[];
  if (isEven) {
    const [first] = words;
    // Titles without one for the names.
    if (first!.length === usual - 1 && usual > 2) header = ['', ...first!.map(tidy)];
    rows = words.flatMap((cells, i) =>
      cells.length === usual ? [{ line: lines[i]!.line, cells: cells.map(tidy) }] : [],
    );
  } else
    rows = lines.map(({ line: number, text }) => {
      const end = /\s/.exec(text)?.index ?? text.length;
      return { line: number, cells: [tidy(text.slice(0, end)), tidy(text.slice(end))] };
    });
  return rows.length > 0 ? { path, where, header, rows } : null;
}

async function readJson(source: Source, context: ImportContext): Promise<SideTable | null> {
  const { path, where } = source;
  if (source.size > mostJson) {
    context.warn(`${where} was not read: it has more than ${bytesInWords(mostJson)}.`);
    return null;
  }
  const text = textOf(await source.read(mostJson));
  if (text === null) return null;
  const found = jsonRows(text);
  if (!found || found.rows.length === 0) return null;
  return {
    path,
    where,
    header: found.header,
    rows: found.rows.map((cells, i) => ({ line: i + 1, cells: cells.map(tidy) })),
  };
}

/** The picture of a text, by its path without ending: beside it, or in the folder of pictures beside one of labels. */
export function pictureOf(path: string, pictureAt: ReadonlyMap<string, Source>): Source | undefined {
  return pictureAt.get(path) ?? pictureAt.get(path.replace(/(^|\/)labels\//i, '$1images/'));
}

/** Lines of boxes as YOLO has them: a class and four numbers or more. */
const boxes = /^\d+( -?[\d.]+){4,}(\s*\n\d+( -?[\d.]+){4,})*$/;

/** Most letters of a text that belongs to one picture. */
const longestNote = 64 * 1024;

/**
 * Texts that lie beside pictures of the same name, each with what it says of its picture, as one table: webdataset's
 * `.cls` and `.json`. Null where hardly any picture has one.
 */
export async function notesBesidePictures(
  notes: readonly Source[],
  pictureAt: ReadonlyMap<string, Source>,
  context: ImportContext,
): Promise<{ table: SideTable; kind: string } | null> {
  for (const kind of ['cls', 'json', 'txt']) {
    const own = notes.filter(({ path }) => path.toLowerCase().endsWith(`.${kind}`));
    const named = own.flatMap((note) => {
      const picture = pictureOf(note.path.slice(0, -kind.length - 1), pictureAt);
      return picture && !hasPictureName(note.path) ? [{ note, picture }] : [];
    });
    if (named.length < 2 || named.length < pictureAt.size / 2) continue;
    const texts: { name: string; text: string }[] = [];
    for (const { note, picture } of named) {
      await context.yieldToMessages();
      const text = textOf(await note.read(longestNote));
      if (text !== null && text.trim() !== '') texts.push({ name: picture.path, text: text.trim() });
    }
    const table = { path: '', where: `the .${kind} files` };
    if (kind === 'json') {
      const objects = texts.flatMap(({ name, text }) => withName(name, text));
      if (objects.length === 0) continue;
      const { header, rows } = rowsOfObjects(objects);
      return { kind, table: { ...table, header, rows: rows.map((cells, i) => ({ line: i + 1, cells })) } };
    }
    if (kind === 'txt' && texts.length > 1 && texts.every(({ text }) => boxes.test(text))) {
      context.warn(
        'The texts beside the pictures hold boxes. The boxes were not read: the classes of its boxes are the labels of a picture.',
      );
      const classes = (text: string) =>
        [...new Set(text.split('\n').map((line) => line.split(' ')[0]!))].sort();
      const rows = texts.map(({ name, text }, i) => ({
        line: i + 1,
        cells: [name, classes(text).join(';')],
      }));
      return { kind, table: { ...table, header: ['picture', 'category'], rows } };
    }
    const different = new Set(texts.map(({ text }) => text)).size;
    // Otherwise each is a caption.
    if (different < 2 || different > texts.length / 2) continue;
    const rows = texts.map(({ name, text }, i) => ({ line: i + 1, cells: [name, tidy(text)] }));
    return { kind, table: { ...table, header: ['picture', 'label'], rows } };
  }
  return null;
}

/** Title of the column with the picture's path; no key of a file is called so. */
const pathTitle = '\0picture';

function withName(name: string, text: string): Record<string, unknown>[] {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return [{ [pathTitle]: name, ...value }];
  } catch {
    // A text that is no JSON says nothing.
  }
  return [];
}
