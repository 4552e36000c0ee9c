/** Names of classes that are only numbers or codes in the data, from a map beside it: "0,Speed limit", {"0": "rose"}. */
import { mostCharacters } from '../limits/texts';
import type { Aside } from './formats/dataset-format';
import type { ImportContext } from './import-context';
import { isPictureFile } from './columns';
import { baseName } from './paths';
import { readSideTable, type SideTable } from './side/side-table';

/** "3", "00012", "c0", "n01443537": names that a map may explain. */
const code = /^[a-z]{0,3}[_-]?\d+$/i;

const titled = /name|label|char|description|title|breed|species|disease|word|text|class/i;

/** Names of files that are maps of classes, whatever else they hold. */
const calledMap = /class|label|map|categor|names|legend|meta|words|synset/i;

/** Most texts that are looked into. */
const mostTexts = 1000;

/**
 * Better names for classes, in their order, and the file that they are from; null where no text beside the data explains them all.
 * @param about files of the data; of several maps the one whose name has more words of theirs is taken
 */
export async function mappedNames(
  classes: readonly string[],
  aside: Aside,
  about: readonly string[],
  context: ImportContext,
): Promise<{ names: string[]; where: string } | null> {
  if (classes.length < 2 || !classes.every((name) => code.test(name))) return null;
  let best: { names: string[]; where: string; score: number } | null = null;
  for (const { file, lines } of aside.names) {
    const names = listedNames(classes, lines);
    if (names) best = { names, where: file, score: 0 };
  }
  const words = new Set(about.flatMap(wordsOf));
  for (const source of [...aside.tables, ...aside.texts].slice(0, mostTexts)) {
    if (/\.cls$/i.test(source.path)) continue;
    await context.yieldToMessages();
    const table = await readSideTable(source, context);
    const names = table && namesIn(table, classes);
    const score = wordsOf(source.path).filter((word) => words.has(word)).length;
    if (names && score > (best?.score ?? -1)) best = { names, where: source.where, score };
  }
  if (!best) return null;
  context.warn(
    `The names of the classes were taken from ${best.where}, such as “${best.names[0]}” for ${classes[0]}.`,
  );
  return best;
}

/** Names of numbered classes from a list, one a line, with the numbers before them or not. */
function listedNames(classes: readonly string[], lines: readonly string[]): string[] | null {
  const numbers = classes.map(Number);
  if (!numbers.every(Number.isInteger)) return null;
  const numbered = lines.map((line) => /^(\d+)[\s,:.]+(\S.*)$/.exec(line));
  if (numbered.every((found) => found !== null)) {
    const nameOf = new Map(numbered.map((found) => [Number(found[1]), found[2]!]));
    return namesFor(
      numbers.map((number) => nameOf.get(number) ?? ''),
      '',
    );
  }
  const first = Math.min(...numbers) === 1 && lines.length === Math.max(...numbers) ? 1 : 0;
  if (lines.length !== classes.length) return null;
  return namesFor(
    numbers.map((number) => lines[number - first] ?? ''),
    '',
  );
}

function wordsOf(path: string): string[] {
  return baseName(path)
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word.length > 2);
}

/** Names of all classes from a table with a column of classes and one of names; null where it is none. */
function namesIn(table: SideTable, classes: readonly string[]): string[] | null {
  const width = Math.min(8, ...table.rows.slice(0, 50).map(({ cells }) => cells.length));
  const titles = table.header ?? table.rows[0]!.cells;
  // Any table whose rows are numbered has a row for each number: a map has hardly more rows than there are classes.
  const areNumbers = classes.every((name) => /^\d+$/.test(name));
  if (areNumbers && table.rows.length > 2 * classes.length + 1 && !calledMap.test(baseName(table.path)))
    return null;
  for (let key = 0; key < width; key++) {
    const rowOf = new Map<string, string[]>();
    let isUnique = true;
    for (const { cells } of table.rows) {
      const own = keyOf(cells[key]!);
      if (rowOf.has(own)) isUnique = false;
      rowOf.set(own, cells);
    }
    const rows = classes.map((name) => rowOf.get(keyOf(name)));
    if (!isUnique || rows.some((row) => row === undefined)) continue;
    const others = Array.from({ length: width }, (_, column) => column).filter((column) => column !== key);
    const found = others.flatMap((column) => {
      const names = namesFor(
        rows.map((row) => row![column] ?? ''),
        table.path,
      );
      return names ? [{ column, names }] : [];
    });
    const named = found.find(({ column }) => titled.test(titles[column] ?? '')) ?? found[0];
    if (named) return named.names;
  }
  return null;
}

/** "00012" and "12" are one class. */
function keyOf(name: string): string {
  return /^\d+$/.test(name) ? String(Number(name)) : name.toLowerCase();
}

/** Distinct names; codes of characters become these, in a file that is called a mapping. */
function namesFor(cells: readonly string[], path: string): string[] | null {
  const areCharacters =
    /mapping|ascii|char/i.test(baseName(path)) &&
    cells.every((cell) => /^\d{2,3}$/.test(cell) && isPrintable(Number(cell)));
  const names = areCharacters
    ? cells.map((cell) => String.fromCodePoint(Number(cell)))
    : cells.map((cell) => cell.trim());
  const isCode = !areCharacters && names.every((name) => /^[-+]?[\d.]+$|^U\+[\dA-F]+$/i.test(name));
  const isName = names.every(
    (name) => name !== '' && name.length <= mostCharacters.label && !isPictureFile(name),
  );
  if (isCode || !isName || new Set(names).size < names.length) return null;
  // "goldfish, Carassius auratus": the other names of the same.
  const short = names.map((name) => name.split(/,\s/)[0]!);
  return new Set(short).size === names.length ? short : names;
}

function isPrintable(code: number): boolean {
  return code > 32 && code < 127;
}
