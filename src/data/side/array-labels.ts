/** Arrays beside pictures as rows of cells: labels in the order of the pictures, lists of their numbers, structures. */
import { arrayName, type LoadedArray } from '../array-names';
import { matArrays } from '../containers/mat-file';
import type { Aside } from '../formats/dataset-format';
import { parseNpy } from '../formats/npy';
import { isNpy } from '../formats/npy-header';
import type { ImportContext } from '../import-context';
import { baseName, byCodePoint, hasPictureName, stem, type Role } from '../paths';
import { whyUnreadable, type Source } from '../source';
import type { SideTable } from './side-table';

/** Most files that are looked into; sets with one for each picture hold boxes or points in them. */
const mostFiles = 20;
/** Labels of as many pictures as a set may have take far less. */
const mostBytes = 64 * 1024 * 1024;

/**
 * The arrays beside pictures as tables. Lists of class names join those of `aside`; files that say nothing of the pictures
 * are reported as left out.
 */
export async function arrayTables(
  pictures: readonly Source[],
  aside: Aside,
  context: ImportContext,
): Promise<SideTable[]> {
  const inOrder = [...pictures].sort((a, b) => byCodePoint(a.path, b.path)).map(({ path }) => path);
  const tables: SideTable[] = [];
  for (const [i, source] of (aside.arrays ?? []).entries()) {
    await context.yieldToMessages();
    const own =
      i < mostFiles && source.size <= mostBytes ? await tablesIn(source, inOrder, aside, context) : null;
    if (own) tables.push(...own);
    else context.skip(source.where, 'says nothing of the pictures beside it');
  }
  return tables;
}

/** Null where it says nothing of pictures or classes. */
async function tablesIn(
  source: Source,
  inOrder: readonly string[],
  aside: Aside,
  context: ImportContext,
): Promise<SideTable[] | null> {
  const { path, where } = source;
  let arrays: LoadedArray[];
  try {
    const bytes = await source.read(Infinity);
    arrays = isNpy(bytes) ? [parseNpy(bytes, path, where)] : await matArrays(bytes, path, where, context);
  } catch (error) {
    context.skip(where, whyUnreadable(error));
    return [];
  }
  let hasNames = false;
  const lists = arrays.flatMap((array) => {
    const { shape, content } = array;
    const cells =
      content.kind === 'texts'
        ? content.values
        : shape.length === 1
          ? Array.from({ length: shape[0]! }, (_, at) => String(content.values.get(at)))
          : null;
    return cells && cells.length > 1 ? [{ array, name: arrayName(array.path), cells }] : [];
  });
  const tables: SideTable[] = [];
  const table = (name: string, header: string[], rows: readonly string[][]) =>
    tables.push({
      path: name === '' ? path : `${path} ${name}`,
      where,
      header,
      rows: rows.map((cells, i) => ({ line: i + 1, cells })),
    });
  // A structure with a field of file names has a row for each.
  const named = lists.find(({ array, cells }) => array.content.kind === 'texts' && hasPictureName(cells[0]!));
  if (named) {
    const columns = [
      named,
      ...lists.filter((one) => one !== named && one.cells.length === named.cells.length),
    ];
    table(
      '',
      columns.map(({ name }) => name),
      named.cells.map((_, row) => columns.map(({ cells }) => cells[row]!)),
    );
    return tables;
  }
  const labels = lists.filter(({ cells }) => cells.length === inOrder.length);
  if (labels.length > 0)
    table(
      '',
      ['picture', ...labels.map(({ name }) => name)],
      inOrder.map((picture, row) => [picture, ...labels.map(({ cells }) => cells[row]!)]),
    );
  for (const { array, name, cells } of lists) {
    const role = splitOfName(name);
    const numbers = cells.map(Number);
    const arePlaces = numbers.every((at) => Number.isInteger(at) && at >= 1 && at <= inOrder.length);
    if (role && arePlaces && new Set(numbers).size === numbers.length)
      table(
        role,
        ['picture'],
        numbers.map((at) => [inOrder[at - 1]!]),
      );
    else if (array.content.kind === 'texts' && cells.length !== inOrder.length) {
      aside.names.push({ file: `${stem(baseName(path))} ${name}`, lines: cells });
      hasNames = true;
    }
  }
  return tables.length > 0 || hasNames ? tables : null;
}

/** "trnid", "valid", "tstid", "train_ids": the split in the name of a list of numbers. */
function splitOfName(name: string): Role | null {
  if (/^(trn|train)/i.test(name)) return 'train';
  if (/^val/i.test(name)) return 'validation';
  return /^(tst|test)/i.test(name) ? 'test' : null;
}
