/** Parquet and Arrow: in Hugging Face's layout, a column of encoded pictures and a column of labels, or columns of values. */
import type { Placed } from '../placed';
import type { ColumnarFile } from '../containers/columnar-file';
import { Refusal, type ImportContext } from '../import-context';
import { counted } from '../limits';
import { pictureKind } from '../picture-header';
import { roleOfPath } from '../paths';
import { sourceOf, whyUnreadable, type Source } from '../source';
import { rawFromPictures } from './decode-pictures';
import { isGap, largestNumber, tidyText } from '../tables/cells';
import { mostCharacters, shortened } from '../../limits/texts';
import { ColumnTable, distinctNames } from '../tables/column-table';
import { namesFrom, type Format } from './dataset-format';
import { withNumberLabels } from './pictures';

/** Opens a file with random access. Throws `Unreadable` when it is damaged, and a refusal at a limit. */
export type OpenColumns = (source: Source, context: ImportContext) => Promise<ColumnarFile>;

/** Reads files of pictures or of columns of values. `name` is that of the format. */
export function readColumnar(name: string, open: OpenColumns): Format['read'] {
  return async (sources, aside, context) => {
    const placed: Placed<Source>[] = [];
    let names: string[] | null = null;
    const whole = await inMemory(sources);
    const columns = await tableOfColumns(whole, open, context);
    if (columns) return { format: name, table: columns };
    for (const source of whole) {
      try {
        const table = await open(source, context);
        const columns = await columnsOf(table, context);
        names ??= columns.names;
        await collect(table, source, columns, placed, context);
      } catch (error) {
        context.skip(source.where, whyUnreadable(error));
      }
    }
    if (placed.length === 0) throw new Refusal(nothingLeft(name, sources, context));
    const raw = withNumberLabels(await rawFromPictures(placed, context));
    return { format: name, raw: { ...raw, names: names ?? namesFrom(aside) } };
  };
}

/** Sources with random access. Entries of a zip are unpacked into memory for that, once. */
function inMemory(sources: readonly Source[]): Promise<Source[]> {
  return Promise.all(
    sources.map(async (source) =>
      source.readAt ? source : sourceOf(source.path, source.where, await source.read(Infinity)),
    ),
  );
}

function nothingLeft(name: string, sources: readonly Source[], context: ImportContext): string {
  const [first] = context.skipped;
  if (first && sources.length === 1 && first.where === sources[0]!.where)
    return `${first.where} ${first.why}.`;
  const why = first ? `: ${first.where} ${first.why}` : '';
  return `${sources.length === 1 ? sources[0]!.where : `The ${name} files`} held no picture with a label${why}.`;
}

interface Columns {
  image: string;
  label: string;
  /** Names of label numbers. */
  names: string[] | null;
}

/** Column metadata of Hugging Face's `datasets` library. */
interface Feature {
  type: unknown;
  names: string[] | null;
}

async function columnsOf(table: ColumnarFile, context: ImportContext): Promise<Columns> {
  const features = featuresOf(table);
  const isOf = (type: string) => (name: string) => features.get(name)?.type === type;
  const image = await imageColumn(table, features);
  if (!image)
    throw new Refusal(
      `${table.where} has no column of pictures. Use a file of the Hugging Face layout: encoded pictures in a column "image" and a column "label".`,
    );
  const others = table.columns.filter((name) => name !== image);
  const named = others.filter(
    (name) => isOf('ClassLabel')(name) || /(^|_)(label|labels|class|target|category|y)$/i.test(name),
  );
  const labels = named.length === 0 && others.length === 1 ? others : named;
  const rank = (name: string) => (isOf('ClassLabel')(name) ? 2 : 0) - (/coarse|super/i.test(name) ? 1 : 0);
  const [likely] = [...labels].sort((a, b) => rank(b) - rank(a));
  if (!likely)
    throw new Refusal(
      `${table.where} has pictures but no column of labels; its columns are ${table.columns.slice(0, 12).join(', ')}. Name one "label".`,
    );
  const options = labels.map((name) => ({ value: name, text: name }));
  const label = labels.length > 1 ? (context.pick('labels', 'Labels', options, likely) ?? likely) : likely;
  return { image, label, names: features.get(label)?.names ?? null };
}

async function imageColumn(
  table: ColumnarFile,
  features: ReadonlyMap<string, Feature>,
): Promise<string | null> {
  return (
    table.columns.find((name) => features.get(name)?.type === 'Image') ??
    table.columns.find((name) => /^(image|img|picture|photo)s?$/i.test(name)) ??
    (await pictureColumn(table))
  );
}

/** The files as a table of columns, where the first one holds no pictures; else null. */
async function tableOfColumns(
  sources: readonly Source[],
  open: OpenColumns,
  context: ImportContext,
): Promise<ColumnTable | null> {
  let table: ColumnTable | null = null;
  for (const source of sources) {
    let opened: ColumnarFile;
    try {
      opened = await open(source, context);
    } catch (error) {
      if (!table) return null;
      context.skip(source.where, whyUnreadable(error));
      continue;
    }
    const features = featuresOf(opened);
    if (!table && (opened.rows === 0 || (await imageColumn(opened, features)))) return null;
    table ??= new ColumnTable(source.where, opened.columns, context, true);
    if (distinctNames(opened.columns).join('\n') !== table.names.join('\n')) {
      context.skip(source.where, `has other columns than ${sources[0]!.where}`);
      continue;
    }
    table.beginPart(roleOfPath(source.path));
    for await (const { rows } of opened.groups(opened.columns)) {
      for (const name of opened.columns)
        if (rows.some((row) => isNested(row[name])))
          context.warn(
            `“${shortened(name, mostCharacters.quote)}” of ${source.where} holds nested values, which count as gaps here. Give each a column of its own to use them.`,
          );
      for (const row of rows)
        table.add(
          opened.columns.map((name) =>
            isNested(row[name]) ? null : valueOf(row[name], features.get(name)?.names ?? null),
          ),
        );
    }
  }
  return table;
}

/** A cell as number, text or gap; numbers of named classes become their names, lists of plain values a text. */
function valueOf(cell: unknown, names: readonly string[] | null): number | string | null {
  if (typeof cell === 'bigint' || typeof cell === 'number') {
    const value = Number(cell);
    // Digits past those of a 64-bit float are of a name.
    if (typeof cell === 'bigint' && !Number.isSafeInteger(value)) return String(cell);
    return (names ? names[value] : undefined) ?? (Math.abs(value) <= largestNumber ? value : null);
  }
  if (typeof cell === 'boolean') return String(cell);
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? null : cell.toISOString().replace('T', ' ');
  if (Array.isArray(cell)) {
    const parts = cell.map((part) => valueOf(part, names));
    return parts.length === 0 ? null : tidyText(parts.map((part) => part ?? '').join(';'));
  }
  const text = cell instanceof Uint8Array ? new TextDecoder().decode(cell) : cell;
  return typeof text !== 'string' || isGap(text) ? null : tidyText(text);
}

/** Whether a cell holds what a row of numbers cannot: values with names of their own. */
function isNested(cell: unknown): boolean {
  return (
    typeof cell === 'object' &&
    cell !== null &&
    !(cell instanceof Date || cell instanceof Uint8Array) &&
    (!Array.isArray(cell) || cell.some(isNested))
  );
}

function featuresOf({ notes }: ColumnarFile): Map<string, Feature> {
  const found = new Map<string, Feature>();
  let info: unknown;
  try {
    info = JSON.parse(notes.get('huggingface') ?? 'null');
  } catch {
    return found;
  }
  const features = fieldOf(fieldOf(info, 'info'), 'features');
  if (typeof features !== 'object' || features === null) return found;
  for (const [column, feature] of Object.entries(features)) {
    const names = fieldOf(feature, 'names');
    const texts = Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : null;
    found.set(column, {
      type: fieldOf(feature, '_type'),
      names: texts && texts.map((n) => n.normalize('NFC')),
    });
  }
  return found;
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

/** The first column that holds a picture in the first rows. */
async function pictureColumn(table: ColumnarFile): Promise<string | null> {
  const holdsPicture = (cell: unknown) => {
    const bytes = bytesIn(cell);
    return bytes !== null && pictureKind(bytes) !== null;
  };
  for await (const { rows } of table.groups(table.columns))
    return table.columns.find((column) => rows.slice(0, 20).some((row) => holdsPicture(row[column]))) ?? null;
  return null;
}

/** The encoded picture of a cell: bytes, or a struct of bytes and path. The path is not opened. */
function bytesIn(cell: unknown): Uint8Array<ArrayBuffer> | null {
  const bytes = cell instanceof Uint8Array ? cell : fieldOf(cell, 'bytes');
  return bytes instanceof Uint8Array ? (bytes as Uint8Array<ArrayBuffer>) : null;
}

async function collect(
  table: ColumnarFile,
  source: Source,
  { image, label, names }: Columns,
  placed: Placed<Source>[],
  context: ImportContext,
): Promise<void> {
  const role = roleOfPath(source.path);
  for await (const { start, rows } of table.groups([...new Set([image, label])])) {
    context.checkSize(placed.length + rows.length, 0);
    for (const [i, row] of rows.entries()) {
      const where = `${source.where}, row ${counted(start + i + 1)}`;
      const bytes = bytesIn(row[image]);
      const className = labelIn(row[label], names !== null);
      if (!bytes) context.skip(where, whyNoPicture(row[image]));
      else if (className === null)
        context.skip(
          where,
          Array.isArray(row[label]) ? 'has a list where its one label belongs' : 'has no label',
        );
      else {
        // Padded, so that ordering pictures by path keeps the order of the rows.
        const path = `${source.path}/${String(start + i).padStart(9, '0')}`;
        const item = { ...sourceOf(path, where, bytes), rowName: pathIn(row[image]) };
        placed.push({ item, role, className });
      }
    }
  }
}

/** The path beside the bytes of a picture; "" for none. */
function pathIn(cell: unknown): string {
  const path = fieldOf(cell, 'path');
  return typeof path === 'string' ? path : '';
}

function whyNoPicture(cell: unknown): string {
  if (Array.isArray(cell))
    return 'holds a list of numbers where an encoded picture belongs; save the pictures as PNG, or the numbers as NPZ';
  return pathIn(cell) !== ''
    ? 'holds only the path of a picture, which is not followed; save the pictures in the file'
    : 'holds no picture';
}

/** A label as text; null for a missing one, which the `datasets` library also writes as -1. */
function labelIn(cell: unknown, named: boolean): string | null {
  if (cell instanceof Uint8Array) return labelIn(new TextDecoder().decode(cell), named);
  if (typeof cell === 'string') return cell.trim().normalize('NFC') || null;
  if (typeof cell === 'boolean') return String(cell);
  if (typeof cell !== 'bigint' && typeof cell !== 'number') return null;
  return Number.isFinite(Number(cell)) && !(named && Number(cell) < 0) ? String(cell) : null;
}
