/** Reads ARFF files as tables of columns. The format: https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/ */
import { Refusal, type ImportContext } from '../import-context';
import { counted, plural } from '../limits';
import { roleOfPath } from '../paths';
import type { Source } from '../source';
import { linesOf } from '../text-table';
import { BadRows } from './bad-rows';
import { numberIn, tidyText } from './cells';
import { ColumnTable, distinctNames } from './column-table';
import type { Cell } from './encode-row';

interface Attribute {
  name: string;
  kind: 'number' | 'nominal' | 'text';
  /** Of a nominal attribute. */
  values: string[];
}

/** Reads the files as one table; files with other attributes than the first are reported as left out. */
export async function readArffTable(
  sources: readonly [Source, ...Source[]],
  context: ImportContext,
): Promise<ColumnTable> {
  let table: ColumnTable | null = null;
  for (const source of sources) {
    context.progress(`Reading ${source.path}`);
    table = await readFile(source, table, sources[0].where, context);
  }
  return table!;
}

async function readFile(
  source: Source,
  before: ColumnTable | null,
  firstWhere: string,
  context: ImportContext,
): Promise<ColumnTable> {
  const { where } = source;
  const attributes: Attribute[] = [];
  const bad = new BadRows(where, context);
  let table: ColumnTable | null = null;
  let line = 0;
  for await (const raw of linesOf(source, context)) {
    line++;
    const text = raw.trim();
    if (text === '' || text.startsWith('%')) continue;
    if (table) {
      const row = rowOf(text, attributes);
      if (typeof row === 'string') bad.add(line, row);
      else {
        table.add(row);
        bad.countGood();
      }
    } else if (/^@data\b/i.test(text)) {
      const titles = attributes.map(({ name }) => name);
      if (before && distinctNames(titles).join('\n') !== before.names.join('\n')) {
        context.skip(where, `has other columns than ${firstWhere}`);
        return before;
      }
      table = before ?? new ColumnTable(where, titles, context, true);
      table.beginPart(roleOfPath(source.path));
    } else if (/^@attribute\b/i.test(text)) attributes.push(attributeOf(text, `${where}, line ${line}`));
    else if (!/^@relation\b/i.test(text))
      throw new Refusal(
        `${where}, line ${line} stands before “@data” and is neither “@relation” nor “@attribute”. Mend the header.`,
      );
  }
  if (!table) throw new Refusal(`${where} has no line “@data”, so it holds no rows. It may be cut off.`);
  bad.report();
  return table;
}

function attributeOf(text: string, where: string): Attribute {
  const rest = text.replace(/^@attribute\s*/i, '');
  const [name, after] = firstToken(rest, /[\s{]/);
  const type = after.trim();
  if (name === '' || type === '')
    throw new Refusal(`${where} declares no name and type of an attribute. Mend the header.`);
  if (type.startsWith('{')) {
    const end = type.lastIndexOf('}');
    if (end < 0) throw new Refusal(`${where} has a list of values without its “}”. Mend the header.`);
    const values = tokensOf(type.slice(1, end)) ?? [];
    return { name, kind: 'nominal', values: values.map(({ text: value }) => tidyText(value)) };
  }
  const word = /^[a-z]+/i.exec(type)?.[0].toLowerCase() ?? '';
  if (word === 'relational')
    throw new Refusal(
      `${where}: “${name}” is a relational attribute, a table in each cell, which a row of numbers cannot hold. Leave it out, or save a row for each instance.`,
    );
  if (['numeric', 'real', 'integer'].includes(word)) return { name, kind: 'number', values: [] };
  if (['string', 'date'].includes(word)) return { name, kind: 'text', values: [] };
  throw new Refusal(
    `${where}: “${name}” has the unknown type “${type.slice(0, 40)}”. Use numeric, string, date or a list of values in braces.`,
  );
}

/** The cells of a row, or what is wrong with it. */
function rowOf(text: string, attributes: readonly Attribute[]): Cell[] | string {
  const body = withoutWeight(text);
  if (body.startsWith('{')) return sparseRow(body, attributes);
  const tokens = tokensOf(body);
  if (!tokens) return 'opens a quote that is never closed';
  if (tokens.length !== attributes.length)
    return `has ${plural(tokens.length, 'cell')} where the header has ${counted(attributes.length)}`;
  return cellsOf(tokens, attributes);
}

/** A weight of the row in braces at its end is not used. */
function withoutWeight(text: string): string {
  return text.replace(/,\s*\{\s*[-+.\de]+\s*\}$/i, '');
}

/** "{1 5.3, 4 red}": cells that are not listed are 0, or the first value of a nominal attribute. */
function sparseRow(text: string, attributes: readonly Attribute[]): Cell[] | string {
  if (!text.endsWith('}')) return 'has a sparse row without its “}”';
  const cells = attributes.map(({ kind, values }): Cell => (kind === 'number' ? 0 : (values[0] ?? null)));
  const tokens = tokensOf(text.slice(1, -1), true);
  if (!tokens) return 'opens a quote that is never closed';
  for (const { index, ...token } of tokens) {
    const attribute = attributes[index ?? -1];
    if (!attribute) return 'has a cell with the number of no attribute';
    const cell = cellOf(token, attribute);
    if (cell instanceof Error) return cell.message;
    cells[index!] = cell;
  }
  return cells;
}

function cellsOf(tokens: readonly Token[], attributes: readonly Attribute[]): Cell[] | string {
  const cells: Cell[] = [];
  for (const [i, attribute] of attributes.entries()) {
    const cell = cellOf(tokens[i]!, attribute);
    if (cell instanceof Error) return cell.message;
    cells.push(cell);
  }
  return cells;
}

function cellOf({ text, quoted }: Token, { name, kind, values }: Attribute): Cell | Error {
  if (!quoted && (text === '?' || text === '')) return null;
  if (kind === 'number') {
    const value = numberIn(text, 'point');
    // Not a number, infinite, or too large for a 32-bit float: a gap, as in other tables.
    if (Number.isNaN(value) && Number.isNaN(Number(text)) && !/^nan$/i.test(text))
      return new Error(`has “${text.slice(0, 40)}” where “${name}” has numbers`);
    return Number.isNaN(value) ? null : value;
  }
  const cell = tidyText(text);
  if (kind === 'nominal' && !values.includes(cell))
    return new Error(`has “${cell.slice(0, 40)}”, which is none of the values of “${name}”`);
  return cell;
}

interface Token {
  text: string;
  quoted: boolean;
  /** Of a sparse row: number of the attribute. */
  index?: number;
}

/** Texts between commas or tabs, each perhaps in quotes; null where a quote is not closed. */
function tokensOf(text: string, sparse = false): Token[] | null {
  const tokens: Token[] = [];
  let rest = text.trim();
  while (rest !== '') {
    let index: number | undefined;
    if (sparse) {
      const found = /^(\d+)\s+/.exec(rest);
      index = found ? Number(found[1]) : -1;
      rest = rest.slice(found?.[0].length ?? 0);
    }
    const quoted = rest.startsWith("'") || rest.startsWith('"');
    if (quoted && closeOf(rest) < 0) return null;
    const [token, after] = firstToken(rest, /[,\t]/);
    tokens.push({ text: token, quoted, ...(index === undefined ? {} : { index }) });
    const next = after.trimStart();
    rest = next.replace(/^[,\t]\s*/, '');
    // A comma at the end stands before an empty cell.
    if (rest === '' && next !== '' && !sparse) tokens.push({ text: '', quoted: false });
  }
  return tokens;
}

/** A first text up to `end`, or in quotes, and what comes after it. */
function firstToken(text: string, end: RegExp): [token: string, rest: string] {
  const close = closeOf(text);
  if (close > 0) return [unescaped(text.slice(1, close)), text.slice(close + 1)];
  const at = text.search(end);
  return at < 0 ? [text.trim(), ''] : [text.slice(0, at).trim(), text.slice(at)];
}

/** Where the quote that a text begins with is closed; -1 where it begins with none or none closes it. */
function closeOf(text: string): number {
  const quote = text[0];
  if (quote !== "'" && quote !== '"') return -1;
  for (let at = 1; at < text.length; at++)
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at;
  return -1;
}

function unescaped(text: string): string {
  const known: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
  return text.replace(/\\(.)/g, (_, letter: string) => known[letter] ?? letter);
}
