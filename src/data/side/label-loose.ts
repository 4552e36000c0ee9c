/** Classes of pictures outside the class folders, from tables whose labels are the names of these folders. */
import type { ImportContext } from '../import-context';
import { plural } from '../limits';
import { baseName, type Role } from '../paths';
import type { Placed } from '../placed';
import type { Source } from '../source';
import type { MatchedTable } from './side-tables';

/** At least this share of the labels of a column must be names of class folders. */
const mostKnown = 0.98;

/**
 * Gives pictures in no class folder, as those of a test folder, the classes that tables list. Others are reported as
 * left out.
 */
export function placeLoose(
  loose: readonly { item: Source; role: Role | null }[],
  placed: readonly Placed<Source>[],
  classes: readonly string[],
  about: readonly MatchedTable<Source>[],
  context: ImportContext,
): { placed: Placed<Source>[]; used: MatchedTable<Source>[] } {
  const classOf = new Map<string, string>();
  for (const name of classes) for (const key of keysOf(name)) classOf.set(key, name);
  const known = new Map(placed.map(({ item, className }) => [item, className]));
  const open = new Set(loose.map(({ item }) => item));
  const labels = new Map<Source, string>();
  const used: MatchedTable<Source>[] = [];
  for (const table of about) {
    const column = labelColumn(table, open, known, classOf);
    if (column === null) continue;
    let count = 0;
    for (const { row, match } of table.matches) {
      if (match.kind !== 'one' || !open.has(match.file) || labels.has(match.file)) continue;
      const name = classFor(row.cells[column], classOf);
      if (name === undefined) continue;
      labels.set(match.file, name);
      count++;
    }
    if (count === 0) continue;
    used.push(table);
    const title = table.rows.columns[column];
    context.warn(
      `${plural(count, 'picture')} outside the class folders ${count === 1 ? 'has its class' : 'have their classes'} from ${baseName(table.source.path) || table.source.where}${title ? `, column “${title}”` : ''}.`,
    );
  }
  const out: Placed<Source>[] = [];
  for (const { item, role } of loose) {
    const className = labels.get(item);
    if (className === undefined) context.skip(item.where, 'lies in no class folder');
    else out.push({ item, role, className });
  }
  return { placed: out, used };
}

function keysOf(name: string): string[] {
  const number = Number(name);
  const lower = name.toLowerCase();
  return name.trim() !== '' && Number.isInteger(number) ? [lower, `#${number}`] : [lower];
}

function classFor(cell: string | undefined, classOf: ReadonlyMap<string, string>): string | undefined {
  if (!cell) return undefined;
  for (const key of keysOf(cell)) {
    const name = classOf.get(key);
    if (name !== undefined) return name;
  }
  return undefined;
}

/** The column whose cells are names of classes, and agree with the folders where both are known. */
function labelColumn(
  { rows, matches }: MatchedTable<Source>,
  open: ReadonlySet<Source>,
  known: ReadonlyMap<Source, string>,
  classOf: ReadonlyMap<string, string>,
): number | null {
  let best: number | null = null;
  let bestScore = 0;
  for (const [column] of rows.columns.entries()) {
    const found = { open: 0, fits: 0, agrees: 0, differs: 0 };
    const different = new Set<string>();
    for (const { row, match } of matches) {
      if (match.kind !== 'one') continue;
      const name = classFor(row.cells[column], classOf);
      const own = known.get(match.file);
      if (own !== undefined) {
        if (name === own) found.agrees++;
        else found.differs++;
      }
      if (!open.has(match.file)) continue;
      found.open++;
      if (name === undefined) continue;
      found.fits++;
      different.add(name);
    }
    if (found.open === 0 || found.fits < mostKnown * found.open || found.differs > found.agrees / 50)
      continue;
    const score = different.size + (column === rows.label ? 0.5 : 0);
    // One label for all is what sample submissions have.
    if (different.size < Math.min(2, found.open) || score <= bestScore) continue;
    best = column;
    bestScore = score;
  }
  return best;
}
