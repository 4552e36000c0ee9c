/** A table whose rows are instances and whose columns are values and targets. */
import { mostCharacters, shortened } from '../../limits/texts';
import { Refusal, type ImportContext } from '../import-context';
import { bytesInWords, counted, plural } from '../limits';
import type { Role } from '../paths';
import { TableColumn } from './table-column';

/** Fewest rows of a table: with fewer a test says nothing. */
export const fewestRows = 20;
/** Most columns of a table. */
export const mostColumns = 1024;

export class ColumnTable {
  readonly columns: TableColumn[];
  /** Ranges of rows by the split that their files state. */
  readonly parts: { role: Role | null; count: number }[] = [];
  rows = 0;

  constructor(
    readonly where: string,
    /** As written; blank and repeated names are made distinct. */
    titles: readonly string[],
    private readonly context: ImportContext,
    /** Whether the file names its columns. */
    readonly isTitled: boolean,
    /** Signs that the numbers of the columns are written with. */
    units: readonly string[] = [],
  ) {
    if (titles.length > mostColumns)
      throw new Refusal(
        `${where} has ${counted(titles.length)} columns; a table of measurements may have at most ${counted(mostColumns)}. Leave some out.`,
      );
    this.columns = distinctNames(titles).map((name, i) => new TableColumn(name, units[i]));
  }

  get names(): string[] {
    return this.columns.map(({ name }) => name);
  }

  /** Begins the rows of another file or range. */
  beginPart(role: Role | null): void {
    this.parts.push({ role, count: 0 });
  }

  add(cells: readonly (number | string | null)[]): void {
    const { tableRows, pixelBytes } = this.context.limits;
    if (this.rows >= tableRows)
      throw new Refusal(`${this.where} has more than ${plural(tableRows, 'row')}, the limit.`);
    for (const [i, column] of this.columns.entries()) column.add(cells[i] ?? null);
    this.rows++;
    this.parts.at(-1)!.count++;
    if (this.rows % 1000 !== 0) return;
    const bytes = this.columns.reduce((sum, column) => sum + column.bytes, 0);
    if (bytes > pixelBytes)
      throw new Refusal(
        `${this.where} takes more than ${bytesInWords(pixelBytes)} of memory, the limit. Use fewer rows or columns.`,
      );
  }
}

/** @returns names without blanks at the ends, each of them once */
export function distinctNames(titles: readonly string[]): string[] {
  const taken = new Set<string>();
  return titles.map((title, i) => {
    const name = shortened(title.trim().normalize('NFC'), mostCharacters.label) || `column ${i + 1}`;
    let distinct = name;
    for (let n = 2; taken.has(distinct); n++) distinct = `${name} (${n})`;
    taken.add(distinct);
    return distinct;
  });
}
