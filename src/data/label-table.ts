/** Tables beside pictures that hold their labels. */
import { chooseLabels, type ChosenLabels, type RowLabel } from './choose-labels';
import { Refusal, type ImportContext } from './import-context';
import { counted, plural } from './limits';
import type { Match } from './named-files';
import { roleOf, roleOfPath, stem } from './paths';
import type { Placed } from './placed';
import { labelTitles, type NamedRow, type NamedRows } from './read-label-table';
import { filesNamed, type MatchedTable } from './side/side-tables';

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

/** Tables of one kind, such as one for each split, that list labels of pictures. */
export interface LabelTables<T> {
  tables: MatchedTable<T>[];
  /** Those that they were joined from. */
  of: MatchedTable<T>[];
  /** Pictures that they name. */
  named: Set<T>;
  /** Whether a header names the label column. */
  isTitled: boolean;
}

/**
 * Tables that may hold the labels of these pictures, the likeliest first: those that list more pictures of the training
 * part, then those that title a label, then those whose label has few values.
 * @param onlyTitled where folders may be classes
 */
export function labelTables<T extends Item>(
  pictures: readonly T[],
  about: readonly MatchedTable<T>[],
  onlyTitled: boolean,
): LabelTables<T>[] {
  const sizes = new Map<string, number>();
  for (const { path } of pictures) sizes.set(folderOf(path), (sizes.get(folderOf(path)) ?? 0) + 1);
  const groups = new Map<string, MatchedTable<T>[]>();
  for (const table of about) {
    const { titles, columns } = table.rows;
    if (columns.length === 0) continue;
    const key = titles || `${columns.length} ${withoutSplit(table.source.path)}`;
    groups.set(key, [...(groups.get(key) ?? []), table]);
  }
  const marks = markLists([...groups.values()]);
  const lists = [...groups.values()].map((tables) => ({ tables, of: [] as MatchedTable<T>[] }));
  const all = marks ? [marks, ...lists.filter(({ tables }) => !marks.of.includes(tables[0]!))] : lists;
  const found = all.flatMap(({ tables, of }) => {
    const named = filesNamed(tables);
    const isTitled = labelTitles.test(titleOfLabel(tables[0]!.rows));
    if (!listsAFolder(named, sizes) || (onlyTitled && !isTitled)) return [];
    const trained = [...named].filter(({ path }) => roleOfPath(path) !== 'test').length;
    return [{ tables, of, named, isTitled, trained, values: valuesOf(tables) }];
  });
  const most = Math.max(...found.map(({ trained }) => trained));
  const rank = ({ of, trained, isTitled, values }: (typeof found)[number]) =>
    (trained >= 0.9 * most ? 8 : 0) +
    (values > 1 ? 4 : 0) +
    (isTitled || of.length > 0 ? 2 : 0) +
    (values <= 50 ? 1 : 0);
  return found.sort((a, b) => rank(b) - rank(a));
}

/**
 * Lists that mark the same pictures with 1 for one class each, as those of Pascal VOC ("cat_train.txt", "dog_train.txt"), as one
 * table with a column for each class; null where there are no such lists.
 */
function markLists<T>(
  groups: readonly (readonly MatchedTable<T>[])[],
): { tables: MatchedTable<T>[]; of: MatchedTable<T>[] } | null {
  const lists = groups.filter((tables) =>
    tables.every(
      ({ rows }) =>
        rows.titles === '' &&
        rows.columns.length === 1 &&
        rows.rows.every(({ cells }) => /^(-1|0|1)$/.test(cells[0] ?? '')),
    ),
  );
  const [first] = lists;
  if (!first || lists.length < 2) return null;
  const titles = lists.map((tables) => withoutSplit(tables[0]!.source.path));
  if (new Set(titles).size < titles.length) return null;
  const marks = lists.map(
    (tables) =>
      new Map(tables.flatMap(({ rows }) => rows.rows.map(({ name, cells }) => [name, cells[0]!] as const))),
  );
  const more = plural(lists.length - 1, 'other class', 'other classes');
  const nameOf = (list: string) => `${list} and the lists of ${more}`;
  const tables = first.map(({ source, role, rows, matches: all }): MatchedTable<T> => {
    const matches = all.flatMap(({ row, match }) => {
      const cells = marks.map((of) => of.get(row.name));
      if (cells.includes(undefined)) return [];
      // 0 marks what is hard to see.
      return [{ row: { ...row, cells: cells.map((mark) => (mark === '-1' ? '0' : '1')) }, match }];
    });
    return {
      source: { path: nameOf(source.path), where: nameOf(source.where) },
      role,
      rows: {
        ...rows,
        titles: `label ${titles.join(' ')}`,
        columns: titles,
        rows: matches.map(({ row }) => row),
      },
      matches,
    };
  });
  const isWhole = tables.every(({ matches }, i) => matches.length >= 0.9 * first[i]!.matches.length);
  return isWhole ? { tables, of: lists.flat() } : null;
}

function titleOfLabel({ columns, label }: NamedRows): string {
  return columns[label] ?? '';
}

/** Different labels. */
function valuesOf(tables: readonly MatchedTable<unknown>[]): number {
  return new Set(tables.flatMap(({ rows }) => rows.rows.map(({ cells }) => cells[rows.label] ?? ''))).size;
}

/** "labels" of "labels_train.txt" and "labels_test.txt". */
function withoutSplit(path: string): string {
  return stem(path)
    .split(/[^\p{L}\d]+/u)
    .filter((word) => roleOf(word) === null && word !== '')
    .join(' ')
    .toLowerCase();
}

/**
 * Asks which of several tables holds the labels, and which of its columns, then gives pictures the classes that are
 * listed. A row is matched by path
 * relative to its table, then by file name if only one file has it. Rows whose name matches several files, pictures
 * with two classes, and pictures without a row are reported as left out. Throws a refusal when nothing remains.
 */
export function placeByTable<T extends Item>(
  pictures: readonly T[],
  found: readonly LabelTables<T>[],
  context: ImportContext,
): Pick<ChosenLabels, 'titles' | 'areClasses'> & { placed: Placed<T>[]; used: MatchedTable<T>[] } {
  const { tables: used, of: from } = chosenTables(pictures, found, context);
  const names = inWords(used.map(({ source }) => source.where));
  const {
    of: labelOf,
    titles,
    areClasses,
  } = chooseLabels(
    used.map(({ rows }) => rows),
    names,
    context,
  );
  const { labels, left } = labelled(used.map((table) => withLabels(table, labelOf)));
  if (labels.size === 0 && left.ambiguous.length > 0) throw new Refusal(allAmbiguous(left.ambiguous[0]!));
  const of = titles.length === 1 && used[0]!.rows.columns.length > 1 ? `, column “${titles[0]}”` : '';
  context.warn(`The folders name no classes; the labels were taken from ${names}${of}.`);
  noteLeft(left, labels, context);
  const placed: Placed<T>[] = [];
  for (const item of pictures) {
    const claim = labels.get(item);
    if (claim)
      placed.push({
        item,
        role: claim.row.role ?? roleOfPath(item.path) ?? claim.table.role,
        className: claim.row.label.text,
        ...(claim.row.label.targets ? { targets: claim.row.label.targets } : {}),
      });
    else if (!left.noted.has(item)) context.skip(item.where, `is not in ${names}`);
  }
  return { placed, titles, areClasses, used: [...used, ...from] };
}

function chosenTables<T extends Item>(
  pictures: readonly T[],
  found: readonly LabelTables<T>[],
  context: ImportContext,
): LabelTables<T> {
  const [likely] = found;
  if (found.length === 1) return likely!;
  const options = found.map(({ tables, named }, i) => {
    const [first, ...others] = tables;
    const more = others.length > 0 ? ` and ${counted(others.length)} more` : '';
    return {
      value: String(i + 1),
      text: `${first!.source.path || first!.source.where}${more}: ${counted(named.size)} of ${plural(pictures.length, 'picture')}`,
    };
  });
  const choice = context.pick('labelTable', 'Table with the labels', options, '1', true);
  return found[Number(choice) - 1]!;
}

interface LabelRow extends NamedRow {
  label: RowLabel;
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

/** Whether at least half of the pictures of some folder are named; otherwise tables describe something else. */
function listsAFolder(named: ReadonlySet<Item>, sizes: ReadonlyMap<string, number>): boolean {
  const hits = new Map<string, number>();
  for (const { path } of named) hits.set(folderOf(path), (hits.get(folderOf(path)) ?? 0) + 1);
  return [...hits].some(([folder, count]) => count >= sizes.get(folder)! / 2);
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
