/** Reads the user's files of answers with the readers of data sets: NumPy, comma-separated text, Parquet, safetensors. */
import { isParquet, openParquet } from '../../data/containers/parquet-file';
import { isZip, openZip } from '../../data/containers/zip';
import { isNpy } from '../../data/formats/npy-header';
import { parseNpy } from '../../data/formats/npy';
import { ImportContext, Refusal } from '../../data/import-context';
import type { LoadedArray } from '../../data/array-names';
import { sourceOf, Unreadable, type Source } from '../../data/source';
import { numberOf, rowsOf, separatorIn } from '../../data/text-table';
import { readSafetensorsNumbers } from '../../nn/safetensors';
import type { WeightFile } from '../../nn/read-weights';
import { sentenceOf } from '../../limits/texts';
import { AnswersProblem, type AnswerPart } from './answer-parts';
import { partsOfArrays, type FileArray } from './array-parts';
import { partOfTable, type TableColumn } from './table-parts';

/** What the columns are to be: the names of classes, labels or numbers. */
export type Outputs = readonly string[];

/**
 * All parts of the files, in the order of their names.
 * @throws AnswersProblem with a sentence
 */
export async function readAnswers(files: readonly WeightFile[], outputs: Outputs): Promise<AnswerPart[]> {
  const context = new ImportContext({
    decodeImage: () => Promise.reject(new Error('Answers hold no pictures.')),
  });
  const parts: AnswerPart[] = [];
  for (const { path, bytes } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
    parts.push(...(await partsOf(sourceOf(path, `“${path}”`, bytes.slice()), outputs, context)));
  return parts;
}

/** Of files in a zip. */
const answerEndings = /\.(npy|npz|csv|tsv|txt|parquet)$/i;

async function partsOf(source: Source, outputs: Outputs, context: ImportContext): Promise<AnswerPart[]> {
  const { path } = source;
  try {
    const head = await source.read(4096);
    if (/\.safetensors$/i.test(path)) return await ofSafetensors(source, outputs);
    if (isNpy(head))
      return partsOfArrays(
        path,
        [arrayOf(parseNpy(await source.read(Infinity), path, path), '')],
        outputs.length,
      );
    if (isZip(head)) return await ofZip(source, outputs, context);
    if (await isParquet(source, head)) return await ofParquet(source, outputs, context);
    const separator = await separatorIn(source);
    if (separator !== null || outputs.length === 1)
      return [await ofText(source, separator ?? ',', outputs, context)];
  } catch (error) {
    if (error instanceof Unreadable) throw new AnswersProblem(`“${path}” ${error.message}.`);
    if (error instanceof Refusal || !(error instanceof AnswersProblem))
      throw new AnswersProblem(sentenceOf(error));
    throw error;
  }
  throw new AnswersProblem(
    `“${path}” is no table of numbers that can be read. Save the answers as .npy, .npz, .csv, .parquet or .safetensors.`,
  );
}

/** Row-major numbers of a NumPy array. */
function arrayOf({ shape, fortran, content }: LoadedArray, name: string): FileArray {
  if (content.kind === 'texts') return { name, shape, content };
  const { length, get } = content.values;
  const values = new Float64Array(length);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, side) => product * side, 1));
  for (let i = 0; i < length; i++) {
    if (!fortran || shape.length < 2) values[i] = get(i);
    else {
      let [rest, from] = [i, 0];
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        from += (rest % shape[axis]!) * strides[axis]!;
        rest = Math.floor(rest / shape[axis]!);
      }
      values[i] = get(from);
    }
  }
  return { name, shape, content: { kind: 'numbers', values } };
}

/** A NumPy archive, or files of answers in a zip. */
async function ofZip(source: Source, outputs: Outputs, context: ImportContext): Promise<AnswerPart[]> {
  const arrays: FileArray[] = [];
  const parts: AnswerPart[] = [];
  for await (const entry of openZip(new Blob([await source.read(Infinity)]), source.path, context)) {
    const head = await entry.read(4096);
    if (isNpy(head) && /\.npz$/i.test(source.path))
      arrays.push(
        arrayOf(
          parseNpy(await entry.read(Infinity), entry.path, entry.where),
          entry.path.replace(/\.npy$/i, ''),
        ),
      );
    else if (answerEndings.test(entry.path) || /\.safetensors$/i.test(entry.path)) {
      const whole = sourceOf(entry.path, entry.where, await entry.read(Infinity));
      parts.push(...(await partsOf(whole, outputs, context)));
    }
  }
  if (arrays.length > 0 || parts.length === 0)
    parts.push(...partsOfArrays(source.path, arrays, outputs.length));
  return parts;
}

async function ofSafetensors(source: Source, outputs: Outputs): Promise<AnswerPart[]> {
  const arrays = readSafetensorsNumbers(await source.read(Infinity)).map(
    ({ name, shape, values }): FileArray => ({ name, shape, content: { kind: 'numbers', values } }),
  );
  return partsOfArrays(source.path, arrays, outputs.length);
}

/** Lists of numbers in a column are a row each; plain columns are a table. */
async function ofParquet(source: Source, outputs: Outputs, context: ImportContext): Promise<AnswerPart[]> {
  const table = await openParquet(source, context);
  const cells = table.columns.map((): unknown[] => []);
  for await (const { rows } of table.groups(table.columns))
    for (const row of rows) table.columns.forEach((name, c) => cells[c]!.push(row[name]));
  if (context.skippedCount > 0)
    throw new AnswersProblem(`${context.skipped[0]!.where} ${context.skipped[0]!.why}.`);
  const isList = (column: readonly unknown[]) =>
    typeof column[0] === 'object' && 'length' in (column[0] ?? {}) && !isBytes(column[0]);
  const columns = table.columns.map((name, c) => ({ name, cells: cells[c]!.map(plainCell) }));
  if (!columns.some((column) => isList(column.cells)))
    return [
      partOfTable(
        source.path,
        columns.map(({ name, cells: own }) => columnOf(name, own)),
        true,
        outputs,
      ),
    ];
  const arrays = columns.map(({ name, cells: own }): FileArray => {
    if (!isList(own)) {
      const { numbers, texts } = columnOf(name, own);
      const content = numbers
        ? { kind: 'numbers' as const, values: numbers }
        : { kind: 'texts' as const, values: texts! };
      return { name, shape: [own.length], content };
    }
    const lists = own as ArrayLike<unknown>[];
    const width = lists[0]!.length;
    const odd = lists.findIndex((list) => list?.length !== width);
    if (odd >= 0)
      throw new AnswersProblem(
        `“${source.path}”, column “${name}”: row ${odd + 1} holds ${lists[odd]?.length ?? 'no'} numbers, and the first one ${width}. Each row needs as many.`,
      );
    const values = Float64Array.from({ length: lists.length * width }, (_, i) =>
      Number(lists[Math.floor(i / width)]![i % width]),
    );
    return { name, shape: [lists.length, width], content: { kind: 'numbers', values } };
  });
  return partsOfArrays(source.path, arrays, outputs.length);
}

const isBytes = (cell: unknown) => cell instanceof Uint8Array;

/** Texts of Parquet come as bytes where they have no type. */
function plainCell(cell: unknown): unknown {
  return isBytes(cell) ? new TextDecoder().decode(cell as Uint8Array) : cell;
}

const textIn = (cell: unknown) =>
  typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'bigint' ? `${cell}` : '';

function columnOf(name: string, cells: readonly unknown[]): TableColumn {
  const isText = cells.some((cell) => typeof cell === 'string');
  if (isText) return { name, numbers: null, texts: cells.map(textIn) };
  return {
    name,
    texts: null,
    numbers: Float64Array.from(cells, (cell) => (cell == null ? NaN : Number(cell))),
  };
}

/** Rows from which it is seen which columns hold numbers. */
const looked = 50;

async function ofText(
  source: Source,
  separator: string,
  outputs: Outputs,
  context: ImportContext,
): Promise<AnswerPart> {
  const table = new GrowingTable(outputs, separator === ';');
  for await (const { line, cells } of rowsOf(source, separator, context)) {
    const width = table.width ?? cells.length;
    if (cells.length !== width)
      throw new AnswersProblem(
        `“${source.path}”, line ${line}, has ${cells.length} cells, and the first line ${width}. Each row needs as many.`,
      );
    table.add(cells);
  }
  const { names, columns } = table.finish();
  if (columns.length === 0) throw new AnswersProblem(`“${source.path}” is empty.`);
  return partOfTable(source.path, columns, names, outputs);
}

/** Columns of a text; its first rows say which hold numbers, and whether there are names. */
class GrowingTable {
  private first: (readonly string[])[] = [];
  private columns: GrowingColumn[] | null = null;
  private names: readonly string[] | null = null;

  constructor(
    private readonly outputs: Outputs,
    private readonly comma: boolean,
  ) {}

  /** Null before the first row. */
  get width(): number | null {
    return this.columns?.length ?? this.first[0]?.length ?? null;
  }

  add(cells: readonly string[]): void {
    if (this.columns) this.columns.forEach((column, c) => column.add(cells[c]!));
    else this.first.push(cells);
    if (this.first.length === looked) this.begin();
  }

  finish(): { names: boolean; columns: TableColumn[] } {
    if (this.first.length > 0) this.begin();
    const columns = this.columns ?? [];
    return {
      names: this.names !== null,
      columns: columns.map((column, c) => column.finish(this.names?.[c]?.trim() ?? '')),
    };
  }

  private begin(): void {
    const [head = [], ...others] = this.first;
    const hasNames = isHeader(head, others, this.outputs, this.comma);
    if (hasNames) this.names = head;
    const rows = hasNames ? others : this.first;
    this.columns = head.map((_, c) => {
      const cells = rows.map((row) => row[c]!);
      const column = new GrowingColumn(cells, this.comma);
      cells.forEach((cell) => column.add(cell));
      return column;
    });
    this.first = [];
  }
}

/** A cell as a number: NaN for a gap, null for a text. */
function numberIn(cell: string, comma: boolean): number | null {
  const text = cell.trim();
  if (/^([-+]?nan|null|none|n\/a|na|)$/i.test(text)) return NaN;
  if (/^[-+]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  const value = numberOf(text, comma);
  return Number.isNaN(value) ? null : value;
}

/** Whether the first row names the columns: with the outputs' names, with words above numbers, or by counting them. */
function isHeader(
  first: readonly string[],
  rows: readonly (readonly string[])[],
  outputs: Outputs,
  comma: boolean,
): boolean {
  const cells = first.map((cell) => cell.trim());
  if (outputs.length > 1 && outputs.every((name) => cells.includes(name))) return true;
  const isWordAboveNumbers = (cell: string, c: number) =>
    numberIn(cell, comma) === null &&
    rows.length > 0 &&
    rows.every((row) => numberIn(row[c] ?? '', comma) !== null);
  if (cells.some(isWordAboveNumbers)) return true;
  const numbers = cells.filter((cell) => /^\d+$/.test(cell));
  const counts = numbers.length >= 2 && numbers.every((cell, i) => Number(cell) === i);
  return (
    counts &&
    rows.some((row) => row.some((cell) => !/^\s*\d+\s*$/.test(cell) && numberIn(cell, comma) !== null))
  );
}

/** Numbers, or texts where most of the first cells are none. A cell among numbers that is none counts as a gap. */
class GrowingColumn {
  private numbers: Float64Array;
  private count = 0;
  private readonly texts: string[] | null;

  constructor(
    first: readonly string[],
    private readonly comma: boolean,
  ) {
    const isText = first.filter((cell) => numberIn(cell, comma) === null).length > first.length / 2;
    this.texts = isText ? [] : null;
    this.numbers = new Float64Array(isText ? 0 : 1024);
  }

  add(cell: string): void {
    if (this.texts) {
      this.texts.push(cell.trim());
      return;
    }
    if (this.count === this.numbers.length) {
      const longer = new Float64Array(2 * this.count);
      longer.set(this.numbers);
      this.numbers = longer;
    }
    this.numbers[this.count++] = numberIn(cell, this.comma) ?? NaN;
  }

  finish(name: string): TableColumn {
    return { name, texts: this.texts, numbers: this.texts ? null : this.numbers.slice(0, this.count) };
  }
}
