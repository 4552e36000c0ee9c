/** Tables beside pictures that hold their labels. */
import { chooseLabels, type ChosenLabels, type RowLabel } from './choose-labels';
import { Refusal, type ImportContext } from './import-context';
import { counted, plural } from './limits';
import { NamedFiles, soleRole, type Match } from './named-files';
import { baseName, isSampleSubmission, roleOf, roleOfPath, type Role } from './paths';
import type { Placed } from './class-folders';
import { labelTitles, readNamedRows, type NamedRow, type NamedRows } from './read-label-table';
import type { Source } from './source';

interface Item {
  path: string;
  where: string;
}

/** Whether the folders of the pictures cannot be classes. */
export function isFlat(pictures: readonly { path: string }[]): boolean {
  const folders = new Set(
    pictures.map(({ path }) => path.split('/').at(-2) ?? '').filter((folder) => roleOf(folder) === null),
  );
  return folders.size <= 1;
}

/**
 * Gives pictures the classes that tables list for them; null when no table lists them. A row is matched by path
 * relative to its table, then by file name if only one file has it. Rows whose name matches several files, pictures
 * with two classes, and pictures without a row are reported as left out. Throws a refusal when nothing remains.
 */
export async function placeByTable<T extends Item>(
  pictures: readonly T[],
  tables: readonly Source[],
  context: ImportContext,
): Promise<(Pick<ChosenLabels, 'titles' | 'areClasses'> & { placed: Placed<T>[] }) | null> {
  const used = await tablesAbout(pictures, tables, context);
  if (used.length === 0) return null;
  const names = inWords(used.map(({ source }) => source.where));
  const { of, titles, areClasses } = chooseLabels(
    used.map(({ rows }) => rows),
    names,
    context,
  );
  const { labels, left } = labelled(used.map((table) => withLabels(table, of)));
  if (labels.size === 0 && left.ambiguous.length > 0) throw new Refusal(allAmbiguous(left.ambiguous[0]!));
  context.warn(`The folders name no classes; the labels were taken from ${names}.`);
  noteLeft(left, labels, context);
  const placed: Placed<T>[] = [];
  for (const item of pictures) {
    const found = labels.get(item);
    if (found)
      placed.push({
        item,
        role: roleOfPath(item.path) ?? found.table.role,
        className: found.row.label.text,
        ...(found.row.label.targets ? { targets: found.row.label.targets } : {}),
      });
    else if (!left.noted.has(item)) context.skip(item.where, `is not in ${names}`);
  }
  return { placed, titles, areClasses };
}

interface LabelRow extends NamedRow {
  label: RowLabel;
}

interface MatchedTable<T> {
  source: Source;
  /** The split in the table's own name, for pictures whose folders name none. */
  role: Role | null;
  rows: NamedRows;
  matches: { row: NamedRow; match: Match<T> }[];
}

interface LabelTable<T> extends Pick<MatchedTable<T>, 'source' | 'role'> {
  matches: { row: LabelRow; match: Match<T> }[];
}

/** The rows that have a label. */
function withLabels<T>({ source, role, matches }: MatchedTable<T>, of: ChosenLabels['of']): LabelTable<T> {
  return {
    source,
    role,
    matches: matches.flatMap(({ row, match }) => {
      const label = of(row);
      return label ? [{ row: { ...row, label }, match }] : [];
    }),
  };
}

/** The tables that list these pictures: all with the same header, such as one beside each split. */
async function tablesAbout<T extends Item>(
  pictures: readonly T[],
  tables: readonly Source[],
  context: ImportContext,
): Promise<MatchedTable<T>[]> {
  const files = new NamedFiles(pictures);
  const sizes = new Map<string, number>();
  for (const { path } of pictures) sizes.set(folderOf(path), (sizes.get(folderOf(path)) ?? 0) + 1);
  const groups = new Map<string, MatchedTable<T>[]>();
  for (const source of tables) {
    if (isSampleSubmission(source.path)) {
      context.warn(`${source.where} is a sample submission by its name, so its labels were not used.`);
      continue;
    }
    const rows = await readNamedRows(source, context);
    const matches = rows.rows.map((row) => ({ row, match: files.find(source.path, row.name) }));
    if (matches.every(({ match }) => match.kind === 'none')) continue;
    const table = { source, role: soleRole(baseName(source.path)), rows, matches };
    groups.set(rows.titles, [...(groups.get(rows.titles) ?? []), table]);
  }
  const about = [...groups.values()].filter((group) => listAFolder(group, sizes));
  // Nested folders are likely classes; only a table with a header overrides them.
  const untitled = liesInOneFolder(pictures) ? about[0] : undefined;
  return about.find(([table]) => isTitled(table!.rows)) ?? untitled ?? [];
}

/** Whether a header names the label column. */
function isTitled({ columns, label }: NamedRows): boolean {
  return labelTitles.test(columns[label] ?? '');
}

/** Whether all pictures lie in one folder, or in one folder per split. */
function liesInOneFolder(pictures: readonly Item[]): boolean {
  const folders = pictures.map(({ path }) =>
    folderOf(path)
      .split('/')
      .filter((part) => roleOf(part) === null)
      .join('/'),
  );
  return new Set(folders).size <= 1;
}

/** Whether tables list at least half of the pictures of some folder; otherwise they describe something else. */
function listAFolder<T extends Item>(
  tables: readonly MatchedTable<T>[],
  sizes: ReadonlyMap<string, number>,
): boolean {
  const named = new Set(tables.flatMap(({ matches }) => matches.flatMap(({ match }) => filesOf(match))));
  const hits = new Map<string, number>();
  for (const { path } of named) hits.set(folderOf(path), (hits.get(folderOf(path)) ?? 0) + 1);
  return [...hits].some(([folder, count]) => count >= sizes.get(folder)! / 2);
}

function filesOf<T>(match: Match<T>): T[] {
  return match.kind === 'one' ? [match.file] : match.kind === 'several' ? match.files : [];
}

interface Claim<T> {
  table: LabelTable<T>;
  row: LabelRow;
}

interface Ambiguous<T> extends Claim<T> {
  files: T[];
}

interface Left<T> {
  ambiguous: Ambiguous<T>[];
  /** Pictures for which two classes are listed. */
  contradicted: Map<T, readonly [Claim<T>, Claim<T>]>;
  /** Pictures that have been reported as left out. */
  noted: Set<T>;
}

/** The class of each picture. A row that matches the whole path overrides rows that match the name only. */
function labelled<T extends Item>(tables: readonly LabelTable<T>[]) {
  const labels = new Map<T, Claim<T>>();
  const left: Left<T> = { ambiguous: [], contradicted: new Map(), noted: new Set() };
  for (const exactly of [true, false]) {
    const before = new Set(labels.keys());
    for (const table of tables)
      for (const { row, match } of table.matches) {
        if (match.kind !== 'one' || match.exact !== exactly || before.has(match.file)) continue;
        const other = labels.get(match.file);
        if (!other) labels.set(match.file, { table, row });
        else if (other.row.label.text !== row.label.text)
          left.contradicted.set(match.file, [other, { table, row }]);
      }
  }
  for (const file of left.contradicted.keys()) {
    labels.delete(file);
    left.noted.add(file);
  }
  for (const table of tables)
    for (const { row, match } of table.matches) {
      if (match.kind !== 'several') continue;
      left.ambiguous.push({ table, row, files: match.files });
    }
  return { labels, left };
}

function noteLeft<T extends Item>(
  { ambiguous, contradicted, noted }: Left<T>,
  labels: ReadonlyMap<T, Claim<T>>,
  context: ImportContext,
): void {
  for (const [file, [one, other]] of contradicted)
    context.skip(
      file.where,
      `has two classes: "${one.row.label.text}" in ${placeOf(one)} and "${other.row.label.text}" in ${placeOf(other)}`,
    );
  for (const claim of ambiguous) {
    // Each picture counts once, however many rows may match it.
    const fresh = claim.files.filter((file) => !labels.has(file) && !noted.has(file));
    for (const file of fresh) noted.add(file);
    context.skip(
      placeOf(claim),
      `names "${claim.row.name}", which fits ${counted(claim.files.length)} files (${examples(claim.files)})`,
      Math.max(1, fresh.length),
    );
  }
  if (ambiguous.length > 0)
    context.warn(
      `${plural(ambiguous.length, 'row')} of ${ambiguous[0]!.table.source.where} ${ambiguous.length === 1 ? 'was' : 'were'} left out, because the name fits several files. Write the folder before the name, such as "${ambiguous[0]!.files[0]!.path}".`,
    );
}

function allAmbiguous<T extends Item>({ table, row, files }: Ambiguous<T>): string {
  return `${table.source.where} does not say which picture is meant: "${row.name}" fits ${counted(files.length)} files (${examples(files)}). Write the folder before the name, such as "${files[0]!.path}", or leave out the folder that the table is not about.`;
}

function placeOf<T>({ table, row }: Claim<T>): string {
  return `${table.source.where}, line ${row.line}`;
}

function examples(files: readonly Item[]): string {
  const paths = files.slice(0, 2).map(({ path }) => path);
  return `${paths.join(', ')}${files.length > 2 ? ', …' : ''}`;
}

function inWords(names: readonly string[]): string {
  if (names.length > 3) return `${names[0]} and ${plural(names.length - 1, 'other table')}`;
  return names.join(' and ');
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
