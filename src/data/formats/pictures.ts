/** Pictures in class folders, from a zip, a tar, a dropped folder, or sorted by the user on the page. */
import {
  acrossFolders,
  hasWords,
  nameLabels,
  placeByName,
  type NameLabels,
} from '../folders/file-name-labels';
import { masksAmong } from '../folders/masks';
import { placeByFolders, readFolders, type FolderReading } from '../folders/read-folders';
import { Refusal, type ImportContext } from '../import-context';
import { isFlat, labelTables, placeByTable, type LabelTables } from '../label-table';
import { labelsFromTexts } from '../labels';
import { counted, plural } from '../limits';
import { baseName, roleOfPath } from '../paths';
import { pictureKind } from '../picture-header';
import type { Placed } from '../placed';
import type { RawDataset } from '../raw-dataset';
import { placeLoose } from '../side/label-loose';
import { readSideTables, type MatchedTable, type SideTables } from '../side/side-tables';
import { splitByLists } from '../side/split-lists';
import type { Source } from '../source';
import { rawFromPictures } from './decode-pictures';
import type { Format } from './dataset-format';

export const pictures: Format = {
  name: 'class folders',
  noun: 'a picture',
  isOfSingles: true,
  recognise: ({ head }) => pictureKind(head) !== null,
  async read(sources, aside, context) {
    const byHand = placeByHand(sources, context);
    if (byHand) return { format: 'pictures by class', raw: await rawFromPictures(byHand, context) };
    const shown = withoutMasks(sources, context);
    const sides = await readSideTables(shown, aside, context);
    const ways = await waysToLabel(shown, sides);
    const way = chosenWay(ways, shown.length, context);
    if (way === 'table') {
      const byTable = placeByTable(shown, ways.tables, context);
      const split = splitByLists(byTable.placed, others(sides, byTable.used), context);
      noteUnused(sides, [...byTable.used, ...split.used], context);
      const raw = withNumberLabels(await rawFromPictures(split.placed, context));
      const { titles, areClasses } = byTable;
      return {
        format: 'class folders',
        raw: { ...raw, ...(titles.length > 0 ? { titles } : {}), areClasses },
      };
    }
    const byNumber = isFlat(shown) && !ways.folders.areClasses ? placeByNumber(shown) : null;
    if (byNumber) {
      context.warn(
        `The number at the end of each file name, such as “${byNumber[0]!.item.path}”, is what is learned.`,
      );
      return {
        format: 'pictures with numbers',
        raw: withNumberLabels(await rawFromPictures(byNumber, context)),
      };
    }
    if (way === 'names') {
      const byName = await placeByName(shown, ways.names!, context);
      if (!byName)
        throw new Refusal(
          'The labels may stand in the file names, and several parts of them may be meant. Choose the part, or put the pictures of each class into a folder with its name.',
        );
      const split = splitByLists(byName.placed, sides.about, context);
      noteUnused(sides, split.used, context);
      const raw = withNumberLabels(await rawFromPictures(split.placed, context));
      return {
        format: 'pictures with labels in their names',
        raw: { ...raw, areMeasured: byName.areMeasured },
      };
    }
    // Folder names stay texts, even "0" and "10"; whole numbers in a table are numbers.
    const { placed, classes } = await placeByFolders(ways.folders, context);
    const loose = placeLoose(ways.folders.loose, placed, classes, sides.about, context);
    const split = splitByLists([...placed, ...loose.placed], others(sides, loose.used), context);
    noteUnused(sides, [...loose.used, ...split.used], context);
    return { format: 'class folders', raw: await rawFromPictures(split.placed, context) };
  },
};

function others({ about }: SideTables, used: readonly MatchedTable<Source>[]): MatchedTable<Source>[] {
  // A table of labels may say the split too, by a column or by its name; the pictures then have it already.
  return about.filter((table) => !used.includes(table));
}

function withoutMasks(sources: readonly Source[], context: ImportContext): Source[] {
  const masks = masksAmong(sources);
  if (masks.size === 0) return [...sources];
  for (const [mask, of] of masks) context.skip(mask.where, `is a mask of ${baseName(of.path)}`);
  const [first] = masks.keys();
  context.warn(
    `${plural(masks.size, 'picture is a mask', 'pictures are masks')} of others by name and place, such as ${first!.path}, and were left out: masks are no class.`,
  );
  return sources.filter((source) => !masks.has(source));
}

interface Ways {
  folders: FolderReading;
  tables: LabelTables<Source>[];
  names: NameLabels | null;
}

type Way = 'folders' | 'table' | 'names';

async function waysToLabel(sources: readonly Source[], sides: SideTables): Promise<Ways> {
  const folders = await readFolders(sources);
  const tables = labelTables(sources, sides.about, folders.areClasses);
  const inNames = folders.areClasses && !folders.areGroups ? null : nameLabels(sources);
  const names = inNames && folders.areClasses ? acrossFolders(inNames, sources) : inNames;
  return { folders, tables, names };
}

/** Share of all pictures that a table must list to be asked about beside class folders. */
const mostListed = 0.5;

/** Where the labels come from; asked where folders and tables say different things. */
function chosenWay({ folders, tables, names }: Ways, count: number, context: ImportContext): Way {
  const [table] = tables;
  const isRival =
    table !== undefined &&
    (!folders.areClasses || (table.named.size >= mostListed * count && !saysTheSame(table, folders)));
  const options: { value: Way; text: string }[] = [];
  if (folders.areClasses) options.push({ value: 'folders', text: 'the folders' });
  if (isRival)
    options.push({
      value: 'table',
      text: `a table, ${table.tables[0]!.source.path || table.tables[0]!.source.where}: ${counted(table.named.size)} of ${plural(count, 'picture')}`,
    });
  if (names && (!isRival || hasWords(names))) options.push({ value: 'names', text: 'the file names' });
  const [first] = options;
  if (!first) return 'folders';
  if (options.length === 1) return first.value;
  const isFlatSet = folders.placed.length > 0 && isFlat(folders.placed.map(({ item }) => item));
  // Words in the names say more than the numbers of a list.
  const areWords = names?.likely && hasWords(names) && !table?.isTitled && areNumbers(table);
  const guess: Way = folders.areClasses
    ? isFlatSet && isRival
      ? 'table'
      : 'folders'
    : areWords
      ? 'names'
      : 'table';
  return (
    context.pick(
      'labelsFrom',
      'The labels are in',
      options,
      guess,
      folders.areClasses || guess === 'names',
    ) ?? guess
  );
}

/** Whether the labels of a table without titles are numbers. */
function areNumbers(table: LabelTables<Source> | undefined): boolean {
  const rows = table?.tables.flatMap(({ rows: own }) =>
    own.rows.slice(0, 100).map(({ cells }) => cells[own.label] ?? ''),
  );
  return rows !== undefined && rows.every((cell) => /^-?\d+(\.\d+)?$/.test(cell));
}

/** Whether a table tells the same classes apart as the folders do. */
function saysTheSame({ tables }: LabelTables<Source>, { placed, options, likely }: FolderReading): boolean {
  const level = options.find(({ value }) => value === likely)?.level ?? 0;
  const folderOf = new Map(placed.map(({ item, folders }) => [item, folders[level]]));
  const labelOf = new Map<string, string>();
  const nameOf = new Map<string, string>();
  for (const { rows, matches } of tables)
    for (const { row, match } of matches) {
      if (match.kind !== 'one') continue;
      const folder = folderOf.get(match.file);
      const label = row.cells[rows.label] ?? '';
      if (folder === undefined || label === '') continue;
      if ((labelOf.get(folder) ?? label) !== label || (nameOf.get(label) ?? folder) !== folder) return false;
      labelOf.set(folder, label);
      nameOf.set(label, folder);
    }
  return true;
}

/** Says which tables and lists were passed over. */
function noteUnused(
  { about, samples, silent }: SideTables,
  used: readonly MatchedTable<Source>[],
  context: ImportContext,
): void {
  for (const where of samples)
    context.warn(`${where} is a sample submission by its name, so its labels were not used.`);
  const unused = about
    .filter((table) => !used.includes(table))
    .map(({ source }) => source.path || source.where);
  if (silent.length > 0)
    context.warn(
      `Not used: ${namesOf(silent)}, which ${silent.length === 1 ? 'says' : 'say'} nothing of most pictures of this set.`,
    );
  if (unused.length === 0) return;
  const names = unused.slice(0, 3).map((path) => baseName(path));
  context.warn(
    `Not used: ${names.join(', ')}${unused.length > 3 ? ` and ${counted(unused.length - 3)} more` : ''}, which name${unused.length === 1 && !names[0]!.startsWith('the ') ? 's' : ''} pictures of this set too.`,
  );
}

/** "train.lst", "20 files, such as 000.cls" */
function namesOf(files: readonly Source[]): string {
  const [first] = files;
  const name = baseName(first!.path);
  return files.length === 1 ? name : `${plural(files.length, 'file')}, such as ${name}`;
}

/** "hand_37.5.png": a number with decimals at the end of a file name. Whole numbers there only count the files. */
const endsInNumber = /[_=]([-+]?\d+\.\d+)\.[a-z]+$/i;

/** Pictures whose file names all end in a number with decimals; null for any others. */
function placeByNumber(sources: readonly Source[]): Placed<Source>[] | null {
  const placed = sources.map((item) => ({
    item,
    role: roleOfPath(item.path),
    className: endsInNumber.exec(item.path)?.[1] ?? '',
  }));
  return placed.every(({ className }) => className !== '') ? placed : null;
}

/** Pictures that the user put into classes on the page; null when there are none. */
function placeByHand(sources: readonly Source[], context: ImportContext): Placed<Source>[] | null {
  if (sources.every(({ className }) => className === undefined)) return null;
  const placed: Placed<Source>[] = [];
  for (const item of sources)
    if (item.className === undefined) context.skip(item.where, 'was put into no class');
    else placed.push({ item, role: null, className: item.className.trim().normalize('NFC') });
  return placed;
}

/**
 * Converts labels to numbers when all are numeric, so that they are ordered by value and can get names from a list.
 */
export function withNumberLabels(raw: RawDataset): RawDataset {
  if (raw.parts.some(({ labels }) => labels.kind === 'several')) return raw;
  const labels = raw.parts.map((part) => labelsFromTexts(Array.from(part.labels.values, String)));
  if (!labels.every(({ kind }) => kind === 'numbers')) return raw;
  return { ...raw, parts: raw.parts.map((part, i) => ({ ...part, labels: labels[i]! })) };
}
