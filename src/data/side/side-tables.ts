/** All tables and lists beside pictures, each with the pictures that it names. */
import type { Aside } from '../formats/dataset-format';
import { arrayTables } from './array-labels';
import type { ImportContext } from '../import-context';
import { counted } from '../limits';
import { NamedFiles, soleRole, type Match } from '../named-files';
import { baseName, isSampleSubmission, type Role } from '../paths';
import { namedRows, type NamedRow, type NamedRows } from '../read-label-table';
import type { Source } from '../source';
import { notesBesidePictures, pictureOf, readSideTable, type SideTable } from './side-table';

export interface MatchedTable<T> {
  source: { path: string; where: string };
  /** The split in the table's own name, for pictures whose folders name none. */
  role: Role | null;
  rows: NamedRows;
  matches: { row: NamedRow; match: Match<T> }[];
}

export interface SideTables {
  /** Those that name pictures. */
  about: MatchedTable<Source>[];
  /** Names of tables that are called sample submissions. */
  samples: string[];
  /** Texts of labels or splits by their ending, `.cls`, `.lst` or `.list`, that say nothing of these pictures. */
  silent: Source[];
}

/** Most texts that are looked into; sets with a text for each picture have more. */
const mostTexts = 1000;
/** Cells of all of them together. */
const mostCells = 20_000_000;

const readme =
  /(^|\/)(readme|licen[cs]e|copying|authors|citation|changelog|notes?|requirements|data_sheet)[^/]*$/i;

export async function readSideTables(
  pictures: readonly Source[],
  aside: Aside,
  context: ImportContext,
): Promise<SideTables> {
  const found: SideTables = { about: [], samples: [], silent: [] };
  const all = [...aside.tables, ...aside.texts].filter(({ path }) => !readme.test(path));
  const arrays = await arrayTables(pictures, aside, context);
  if (all.length === 0 && arrays.length === 0) return found;
  const pictureAt = new Map(pictures.map((one) => [one.path.replace(/\.[a-z0-9]{1,5}$/i, ''), one]));
  const isNote = ({ path }: Source) =>
    pictureOf(path.replace(/\.[a-z0-9]{1,5}$/i, ''), pictureAt) !== undefined;
  const notes = all.filter(isNote);
  const files = new NamedFiles(pictures);
  const tables: SideTable[] = [...arrays];
  let cells = 0;
  const texts = all.filter((one) => !isNote(one) && !/\.cls$/i.test(one.path));
  for (const source of texts.slice(0, mostTexts)) {
    await context.yieldToMessages();
    if (isSampleSubmission(source.path)) {
      found.samples.push(source.where);
      continue;
    }
    if (cells > mostCells) {
      context.warn(
        `${source.where} was not looked into: the tables beside the pictures are too large together.`,
      );
      continue;
    }
    const table = await readSideTable(source, context);
    if (!table) continue;
    tables.push(table);
    cells += table.rows.reduce((sum, row) => sum + row.cells.length, 0);
  }
  if (texts.length > mostTexts)
    context.warn(
      `${counted(texts.length - mostTexts)} of ${counted(texts.length)} tables and lists were not looked into.`,
    );
  const beside = notes.length > 0 ? await notesBesidePictures(notes, pictureAt, context) : null;
  if (beside) tables.push(beside.table);
  for (const table of withPaths(tables, files)) {
    const matched = namedRows(table, files);
    if (matched?.matches.some(({ match }) => match.kind !== 'none'))
      found.about.push({
        source: { path: table.path, where: table.where },
        role: roleOfTable(table.path),
        ...matched,
      });
  }
  const said = new Set(found.about.map(({ source }) => source.path));
  found.silent = all.filter(({ path }) =>
    /\.cls$/i.test(path) ? beside?.kind !== 'cls' : isOfLabels(path) && !said.has(path),
  );
  return found;
}

/** Whether a text is for labels or splits by its ending. */
export function isOfLabels(path: string): boolean {
  return /\.(cls|lst|list)$/i.test(path);
}

/** Lists that name pictures by the numbers of another list get their paths: "12 1" and "12 001.Gull/a.jpg". */
function withPaths(tables: readonly SideTable[], files: NamedFiles<Source>): SideTable[] {
  const pathOf = new Map<string, string>();
  const keyed = tables.find(({ path, rows }) => {
    const areKeys =
      rows.length > 1 && rows.every(({ cells }) => cells.length === 2 && /^\d+$/.test(cells[0]!));
    if (!areKeys) return false;
    const hits = rows
      .slice(0, 100)
      .filter(({ cells }) => cells[1]!.includes('/') && files.find(path, cells[1]!).kind === 'one');
    return hits.length > Math.min(rows.length, 100) / 2;
  });
  for (const { cells } of keyed?.rows ?? []) pathOf.set(cells[0]!, cells[1]!);
  if (!keyed || pathOf.size !== keyed.rows.length) return [...tables];
  return tables.map((table) => {
    const isKeyed =
      table !== keyed &&
      table.rows.length >= pathOf.size / 2 &&
      table.rows.every(({ cells }) => cells.length === 2 && pathOf.has(cells[0]!));
    if (!isKeyed) return table;
    const rows = table.rows.map(({ line, cells: [key, ...rest] }) => ({
      line,
      cells: [pathOf.get(key!)!, ...rest],
    }));
    return { ...table, rows, path: keyed.path.replace(/[^/]*$/, baseName(table.path)) };
  });
}

/** The split in a table's name; "train_val" is what is not tested. */
function roleOfTable(path: string): Role | null {
  const name = baseName(path);
  return (
    soleRole(name) ??
    soleRole(name.replace(/train[^\p{L}\d]?(and)?[^\p{L}\d]?val(id|idation)?(?!\p{L})/iu, 'train'))
  );
}

/** Files that a table names, whether or not it says which of several is meant. */
export function filesNamed<T>(tables: readonly MatchedTable<T>[]): Set<T> {
  return new Set(tables.flatMap(({ matches }) => matches.flatMap(({ match }) => filesOf(match))));
}

function filesOf<T>(match: Match<T>): T[] {
  return match.kind === 'one' ? [match.file] : match.kind === 'several' ? match.files : [];
}
