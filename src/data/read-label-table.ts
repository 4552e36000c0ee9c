/** Reads a table beside pictures: a column of file names, and what it says of them. */
import { isPictureFile } from './columns';
import type { ImportContext } from './import-context';
import { Unreadable, type Source } from './source';
import { rowsOf, separatorIn } from './text-table';

export const labelTitles = /^(label|labels|class|target|y|category|breed|species|name|class_?name)$/i;

export interface NamedRow {
  line: number;
  name: string;
  /** Of the columns beside that of the names; blank where there is nothing. */
  cells: string[];
}

export interface NamedRows {
  /** Titles of all columns, joined; empty without a header. */
  titles: string;
  /** Titles of the columns beside that of the names; blank without a header. */
  columns: string[];
  /** Which of them is rather the label: it is titled so, or the next to the names. */
  label: number;
  rows: NamedRow[];
}

/** Rows without a name or without anything beside it are passed over. */
export async function readNamedRows(table: Source, context: ImportContext): Promise<NamedRows> {
  const found: NamedRows = { titles: '', columns: [], label: 0, rows: [] };
  const separator = await separatorIn(table);
  if (separator === null) return found;
  let file: number | null = null;
  const others = (cells: readonly string[]) =>
    cells.filter((_, column) => column !== file).map((cell) => cell.trim().normalize('NFC'));
  try {
    for await (const { line, cells } of rowsOf(table, separator, context)) {
      if (file === null) {
        const columns = columnsOf(cells);
        ({ file } = columns);
        found.label = columns.label - (columns.label > columns.file ? 1 : 0);
        found.columns = others(cells).map(() => '');
        // The first row is a header unless it names a picture.
        if (!isPictureFile(cells[file] ?? '')) {
          found.titles = cells.map((cell) => cell.trim().toLowerCase()).join('\n');
          found.columns = others(cells);
          continue;
        }
      }
      const name = cells[file]?.trim();
      const rest = others(cells);
      if (name && rest.some((cell) => cell !== '')) found.rows.push({ line, name, cells: rest });
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
  }
  return found;
}

/**
 * Columns from the first row: the file column holds a picture's name or is the first; the label column is titled so
 * or is the next.
 */
function columnsOf(first: readonly string[]): { file: number; label: number } {
  const labelled = first.findIndex((cell) => labelTitles.test(cell.trim()));
  const filed = first.findIndex((cell) => isPictureFile(cell) || /file|image|path|^id$/i.test(cell));
  const file = filed >= 0 ? filed : labelled === 0 ? 1 : 0;
  return { file, label: labelled >= 0 && labelled !== file ? labelled : file === 0 ? 1 : 0 };
}
