/** Official lists of the pictures of each split: "train.txt" and "test.txt", or a table with a split for each name. */
import type { ImportContext } from '../import-context';
import { plural } from '../limits';
import { baseName, roleOf, type Role } from '../paths';
import type { Placed } from '../placed';
import type { Source } from '../source';
import type { MatchedTable } from './side-tables';

interface SplitList {
  /** What the lists have in common, such as the number of a fold. */
  key: string;
  tables: MatchedTable<Source>[];
  roles: Map<Source, Role>;
}

/**
 * Gives pictures whose folders name no split the one of lists beside them, and asks which lists where there are several
 * sets. Pictures in none of the lists are left out if there is a list for training; else they are trained on.
 * @param used tables with the labels, which are not looked at
 */
export function splitByLists(
  placed: readonly Placed<Source>[],
  about: readonly MatchedTable<Source>[],
  context: ImportContext,
): { placed: Placed<Source>[]; used: MatchedTable<Source>[] } {
  const nothing = { placed: [...placed], used: [] };
  const roles = new Set(placed.map(({ role }) => role));
  if (roles.size !== 1 || !roles.has(null)) return nothing;
  const found = splitLists(placed, about);
  if (found.length === 0) return nothing;
  const options = found.map(({ key, tables, roles: own }, i) => ({
    value: String(i + 1),
    text: `${key || namesOf(tables)}: ${plural(own.size, 'picture')}`,
  }));
  const choice = found.length > 1 ? context.pick('splitList', 'Lists of the split', options, '1', true) : '1';
  const list = found[Number(choice) - 1]!;
  const hasTraining = [...list.roles.values()].includes('train');
  const kept: Placed<Source>[] = [];
  for (const one of placed) {
    const role = list.roles.get(one.item) ?? (hasTraining ? null : 'train');
    if (role) kept.push({ ...one, role });
    else context.skip(one.item.where, `is in none of the lists of the split (${namesOf(list.tables)})`);
  }
  context.warn(`The split into training and test was taken from ${namesOf(list.tables)}.`);
  return { placed: kept, used: list.tables };
}

function namesOf(tables: readonly MatchedTable<Source>[]): string {
  const names = tables.slice(0, 3).map(({ source }) => baseName(source.path) || source.where);
  return `${names.join(', ')}${tables.length > 3 ? ', …' : ''}`;
}

function splitLists(placed: readonly Placed<Source>[], about: readonly MatchedTable<Source>[]): SplitList[] {
  const items = new Set(placed.map(({ item }) => item));
  const byKey = new Map<string, MatchedTable<Source>[]>();
  for (const table of about) {
    const key =
      table.rows.split !== null
        ? `\0${table.source.path}`
        : table.role === null
          ? null
          : keyOf(table.source.path);
    if (key !== null) byKey.set(key, [...(byKey.get(key) ?? []), table]);
  }
  const lists: SplitList[] = [];
  for (const [key, tables] of byKey) {
    const roles = new Map<Source, Role>();
    let twice = 0;
    for (const { role, matches } of tables)
      for (const { row, match } of matches) {
        const own = row.role ?? role;
        if (match.kind !== 'one' || !own || !items.has(match.file)) continue;
        const before = roles.get(match.file);
        if (before && before !== own) twice++;
        // Lists of training and validation together name those of each once more.
        if (!before || own !== 'train') roles.set(match.file, own);
      }
    const kinds = new Set(roles.values());
    const isTested = kinds.has('test') || kinds.has('validation');
    const isWhole = kinds.has('train') ? roles.size >= placed.length / 2 : roles.size < placed.length / 2;
    if (isTested && isWhole && twice < roles.size / 2)
      lists.push({ key: key.replace(/^\0.*$/s, ''), tables, roles });
  }
  return withoutRepeats(lists);
}

/** Lists that say the same count once, as train.txt and train.json do. */
function withoutRepeats(lists: readonly SplitList[]): SplitList[] {
  const kept: SplitList[] = [];
  for (const list of lists) {
    const isSame = kept.some(
      ({ roles }) =>
        roles.size === list.roles.size && [...roles].every(([item, role]) => list.roles.get(item) === role),
    );
    if (!isSame) kept.push(list);
  }
  return kept;
}

/** The name of a list without its split: "3" of "train3.txt". */
function keyOf(path: string): string {
  return baseName(path)
    .replace(/\.[a-z0-9]{1,5}$/i, '')
    .replace(/(\p{Ll})(?=\p{Lu})/gu, '$1_')
    .split(/[^\p{L}\d]+|(?<=\p{L})(?=\d)|(?<=\d)(?=\p{L})/u)
    .filter((word) => word !== '' && roleOf(word) === null)
    .join(' ')
    .toLowerCase();
}
