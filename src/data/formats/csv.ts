/** Tables with one image per row and a label column, or with measurements in columns. */
import { rawFromArrays, type ImageArray } from '../arrays';
import { columnsOf, hasFileNames, makesImage, type Columns } from '../columns';
import { Refusal, type ImportContext } from '../import-context';
import { rowLayouts } from '../layout';
import { counted, plural } from '../limits';
import { Unreadable, type Source } from '../source';
import { numberOf, rowsOf, separatorIn } from '../text-table';
import { TableImages } from '../table-images';
import { packedColumn, readPackedRows } from '../packed-rows';
import { textOf } from '../text';
import type { RawDataset } from '../raw-dataset';
import { mostColumns } from '../tables/column-table';
import { readTextTable } from '../tables/read-text';
import { namesFrom, type Aside, type Format, type Probe } from './dataset-format';

/**
 * Fewest pixels of an image, 4x4. Tables with four columns of measurements, such as Fisher's iris data, have fewer.
 */
const fewestPixels = 16;

/** Rows that are read to determine the columns. */
const sampleRows = 50;

export const csv: Format = {
  name: 'CSV',
  noun: 'a table',
  async recognise(probe: Probe) {
    return textOf(probe.head) !== null && (await separatorIn(probe)) !== null;
  },
  async read(sources, aside, context) {
    const format = (await separatorIn(sources[0]!)) === '\t' ? 'TSV' : 'CSV';
    const kinds = new Map<Source, 'images' | 'columns'>();
    for (const source of sources) kinds.set(source, await kindOf(source, context));
    const ofColumns = sources.filter((source) => kinds.get(source) === 'columns');
    if (ofColumns.length === sources.length) {
      const [first, ...others] = ofColumns;
      return { format, table: await readTextTable([first!, ...others], context) };
    }
    for (const { where } of ofColumns)
      context.skip(where, 'holds measurements; the set was read from tables of images');
    return {
      format,
      raw: await readImages(
        sources.filter((source) => !ofColumns.includes(source)),
        aside,
        context,
      ),
    };
  },
};

async function readImages(
  sources: readonly Source[],
  aside: Aside,
  context: ImportContext,
): Promise<RawDataset> {
  const arrays: ImageArray[] = [];
  const failures: { source: Source; error: Refusal | Unreadable }[] = [];
  for (const source of sources) {
    context.progress(`Reading ${source.path}`);
    try {
      arrays.push(...(await readTable(source, context)));
    } catch (error) {
      if (!(error instanceof Refusal || error instanceof Unreadable)) throw error;
      failures.push({ source, error });
    }
  }
  const [first] = failures;
  if (arrays.length === 0 && first)
    throw first.error instanceof Refusal
      ? first.error
      : new Refusal(`${first.source.where} ${first.error.message}.`);
  // A refusal is a sentence that begins with the file.
  for (const { source, error } of failures)
    context.skip(source.where, error.message.replace(`${source.where} `, ''));
  return rawFromArrays(arrays, namesFrom(aside), context);
}

/** More columns than this are rather pixels where they make a square. */
const usualColumns = 256;

/** Below this many pixels a table without pixel titles is rather one of measurements. */
const usualPixels = 49;

/** Pixels of different places have about the same range; measurements of different things have not. */
const widestRange = 100;

/** Whether the columns hold numbers of about the same size, as pixels do; each column of measurements has its own. */
function areOfOneKind(
  cells: readonly string[][],
  { header, candidates, dropped }: Columns,
  comma: boolean,
): boolean {
  const rows = header ? cells.slice(1) : cells;
  const others = new Set([...candidates, ...dropped]);
  const ranges: number[] = [];
  for (const column of rows[0]?.keys() ?? []) {
    if (others.has(column)) continue;
    const values = rows
      .map((row) => numberOf(row[column] ?? '', comma))
      .filter((value) => !Number.isNaN(value));
    const range = Math.max(...values) - Math.min(...values);
    // The rim of a picture is often of one colour.
    if (range > 0) ranges.push(range);
  }
  ranges.sort((a, b) => a - b);
  const at = (share: number) => ranges[Math.floor(share * (ranges.length - 1))] ?? 1;
  return at(0.9) / at(0.1) <= widestRange;
}

/** "pixel12", "p3x4", "12": titles of pixels. */
const pixelTitle = /^(p|px|pix|pixel)?[ _-]?\d+([x_-]\d+)*$/i;

/** Whether the rows are images or measurements; asked where they may be both. */
async function kindOf(source: Source, context: ImportContext): Promise<'images' | 'columns'> {
  const separator = await separatorIn(source);
  if (separator === null) return 'images';
  const cells = await sampleOf(source, separator, context);
  const columns = columnsOf(cells, separator !== ',', chosenColumn(context));
  const { width, dropped, titles, candidates } = columns;
  if (width > mostColumns || hasFileNames(cells) || packedColumn(cells) >= 0) return 'images';
  const pixels = width - dropped.length - 1;
  const isSquare = makesImage(pixels) || makesImage(pixels + 1);
  // Hardly anything is measured so often that the columns make a square.
  if (width > usualColumns && isSquare) return 'images';
  const mayBeImages =
    pixels >= fewestPixels && (isSquare || rowLayouts(pixels).length > 0) && isMostlyNumbers(cells, columns);
  if (!mayBeImages) return 'columns';
  const inner = titles.filter((_, column) => !candidates.includes(column) && !dropped.includes(column));
  const areTitled = inner.length > 0 && inner.every((title) => pixelTitle.test(title));
  const areUsual =
    inner.length === 0 &&
    isSquare &&
    pixels >= usualPixels &&
    areOfOneKind(cells, columns, separator !== ',');
  const guess = areTitled || areUsual || context.choices.rowLayout !== undefined ? 'images' : 'columns';
  return context.pick('rowsAre', 'Each row is', rowKinds, guess, width > usualColumns) ?? guess;
}

const rowKinds = [
  { value: 'images', text: 'a picture' },
  { value: 'columns', text: 'measurements in columns' },
] as const;

/** Whether the first rows hold an image each; otherwise the table may describe pictures beside it. */
export async function isTableOfImages(source: Source, context: ImportContext): Promise<boolean> {
  const separator = await separatorIn(source);
  if (separator === null) return false;
  const sample = await sampleOf(source, separator, context);
  if (packedColumn(sample) >= 0) return true;
  const { width, dropped } = columnsOf(sample, separator !== ',');
  const pixels = width - dropped.length - 1;
  return !hasFileNames(sample) && pixels >= fewestPixels && makesImage(pixels);
}

/** The first rows of a table. */
async function sampleOf(source: Source, separator: string, context: ImportContext): Promise<string[][]> {
  const sample: string[][] = [];
  for await (const { cells } of rowsOf(source, separator, context)) {
    sample.push(cells);
    if (sample.length === sampleRows) break;
  }
  return sample;
}

async function readTable(source: Source, context: ImportContext): Promise<ImageArray[]> {
  const separator = await separatorIn(source);
  if (separator === null) throw new Unreadable('is no table');
  const decimalComma = separator !== ',';
  const first = await sampleOf(source, separator, context);
  if (packedColumn(first) >= 0) return readPackedRows(source, separator, first, context);
  const sample: { line: number; cells: string[] }[] = [];
  let reading: TableImages | null = null;
  for await (const row of rowsOf(source, separator, context)) {
    if (reading) {
      reading.add(row.line, row.cells);
      continue;
    }
    sample.push(row);
    if (sample.length === sampleRows) reading = startReading(source, sample, decimalComma, context);
  }
  reading ??= startReading(source, sample, decimalComma, context);
  return [reading.finish()];
}

function startReading(
  source: Source,
  sample: readonly { line: number; cells: string[] }[],
  decimalComma: boolean,
  context: ImportContext,
): TableImages {
  const cells = sample.map((row) => row.cells);
  const columns = columnsOf(cells, decimalComma, chosenColumn(context));
  refuseOtherTables(source.where, cells, columns, context);
  const reading = new TableImages(source, columns, decimalComma, context);
  for (const row of columns.header ? sample.slice(1) : sample) reading.add(row.line, row.cells);
  return reading;
}

/** The label column that the user chose, from 0. */
function chosenColumn({ choices }: ImportContext): number | null {
  return choices.labelColumn === undefined ? null : Number(choices.labelColumn) - 1;
}

/** Refuses tables with other contents, naming what they seem to be. */
function refuseOtherTables(
  where: string,
  sample: readonly string[][],
  columns: Columns,
  context: ImportContext,
): void {
  const { width, dropped } = columns;
  if (hasFileNames(sample))
    throw new Refusal(
      `${where} is a list of picture files and labels without the pictures. Put it in a zip or folder together with them.`,
    );
  if (width > context.limits.tableColumns)
    throw new Refusal(
      `${where} has ${counted(width)} columns; the limit is ${counted(context.limits.tableColumns)}.`,
    );
  const pixels = width - dropped.length - 1;
  if (width === 2)
    throw new Refusal(
      `${where} has only two columns. A table of images has one image in each row: its label and all its pixels.`,
    );
  if (pixels < fewestPixels)
    throw new Refusal(
      `${where} has only ${plural(pixels, 'column')} beside the label: measurements perhaps, but no images, which have a column for each pixel.`,
    );
  if (makesImage(pixels)) return;
  if (makesImage(pixels + 1))
    throw new Refusal(
      `${where} has ${counted(pixels + 1)} columns, which are all needed for pixels, so there is no label. Add a column named "label". A table of measurements may have at most ${counted(mostColumns)} columns.`,
    );
  if (rowLayouts(pixels).length === 0 || !isMostlyNumbers(sample, columns))
    throw new Refusal(
      `${where} has ${counted(pixels)} columns beside the label, which makes neither a square grey image (s×s) nor a square colour image (3×s×s). Each row must hold all pixels of one image; a table of measurements may have at most ${counted(mostColumns)} columns.`,
    );
}

/** Whether most cells of the pixel columns are numbers in the first rows. */
function isMostlyNumbers(sample: readonly string[][], { header, candidates, dropped }: Columns): boolean {
  const others = new Set([...candidates, ...dropped]);
  const cells = (header ? sample.slice(1) : sample).flatMap((row) => row.filter((_, i) => !others.has(i)));
  const numbers = cells.filter((cell) => !Number.isNaN(numberOf(cell, true)));
  return numbers.length > cells.length / 2;
}
