/** Images from the rows of a table. */
import type { ImageArray } from './arrays';
import { CellStore } from './cell-store';
import { pickLabel, type Columns } from './columns';
import { Refusal, type ImportContext } from './import-context';
import { labelsFromTexts } from './labels';
import { flatLayout } from './layout';
import { bytesInWords, counted, plural } from './limits';
import type { Numbers } from './number-array';
import { roleOfPath } from './paths';
import type { Source } from './source';
import { numberOf } from './text-table';

/** Above this share of bad rows the table is refused. */
const badShare = 0.05;

/** Collects the rows of one table, then decides which column is the label and builds images from the others. */
export class TableImages {
  /** Pixel columns; candidate columns are in `cells`. */
  private readonly numbers: CellStore;
  /** Line numbers of the rows that were kept. */
  private readonly lines: number[] = [];
  /** Cells of the candidate columns as written, because labels may be words. */
  private readonly cells: Map<number, string[]>;
  private readonly isCandidate: Uint8Array;
  private readonly bad: { line: number; why: string }[] = [];

  constructor(
    private readonly source: Source,
    private readonly columns: Columns,
    private readonly decimalComma: boolean,
    private readonly context: ImportContext,
  ) {
    this.numbers = new CellStore(columns.width);
    this.cells = new Map(columns.candidates.map((column) => [column, []]));
    // Dropped columns may hold anything; candidates are judged at the end.
    this.isCandidate = new Uint8Array(columns.width);
    for (const column of [...columns.candidates, ...columns.dropped]) this.isCandidate[column] = 1;
  }

  add(line: number, cells: string[]): void {
    const { width, candidates } = this.columns;
    const row = this.lines.length;
    const total = row + this.bad.length;
    if (total >= this.context.limits.tableRows)
      throw new Refusal(
        `${this.source.where} has more than ${plural(this.context.limits.tableRows, 'row')}, the limit.`,
      );
    if (cells.length !== width) {
      this.bad.push({ line, why: `has ${plural(cells.length, 'cell')} where others have ${counted(width)}` });
      return;
    }
    for (let c = 0; c < width; c++) {
      if (this.isCandidate[c] === 1) continue;
      const value = numberOf(cells[c]!, this.decimalComma);
      if (value !== value) {
        this.bad.push({ line, why: `has ${named(cells[c]!)} in column ${c + 1}, where a number belongs` });
        return;
      }
      this.numbers.set(row, c, value);
    }
    this.checkMemory();
    const blank = candidates.find((column) => cells[column]!.trim() === '');
    if (blank !== undefined) {
      this.bad.push({ line, why: `has nothing in column ${blank + 1}` });
      return;
    }
    for (const column of candidates) this.cells.get(column)!.push(cells[column]!);
    this.lines.push(line);
  }

  private checkMemory(): void {
    const { pixelBytes } = this.context.limits;
    if (this.numbers.bytes > pixelBytes)
      throw new Refusal(
        `${this.source.where} takes more than ${bytesInWords(pixelBytes)} of memory, the limit. Use fewer rows.`,
      );
  }

  private valueAt(row: number, column: number): number {
    const texts = this.cells.get(column);
    return texts ? numberOf(texts[row]!, this.decimalComma) : this.numbers.at(row, column);
  }

  finish(): ImageArray {
    const { where, path } = this.source;
    const label = this.labelColumn();
    const pixels = Array.from({ length: this.columns.width }, (_, column) => column).filter(
      (column) => column !== label && !this.columns.dropped.includes(column),
    );
    const rows = this.goodRows(label);
    this.report(rows.length);
    this.tellColumns(label);
    const values: Numbers = {
      length: rows.length * pixels.length,
      get: (i) => {
        const row = Math.floor(i / pixels.length);
        return this.valueAt(rows[row]!, pixels[i - row * pixels.length]!);
      },
    };
    const texts = this.cells.get(label)!;
    const strides = { image: pixels.length, element: 1 };
    return {
      values: () => Promise.resolve(values),
      layout: flatLayout(rows.length, pixels.length, strides, where, this.context, values.get),
      labels: labelsFromTexts(rows.map((row) => this.asLabel(texts[row]!))),
      role: roleOfPath(path),
      where,
    };
  }

  private labelColumn(): number {
    const candidates = this.columns.candidates.map((column) => {
      // The pixel column next to the candidate.
      const inner = column === 0 || this.columns.dropped.includes(column - 1) ? column + 1 : column - 1;
      return {
        column,
        cells: this.cells.get(column)!,
        neighbour: this.lines.map((_, row) => this.valueAt(row, inner)),
      };
    });
    return pickLabel(candidates, this.decimalComma);
  }

  /** Rows whose other candidate, now known to be a pixel, holds a number. */
  private goodRows(label: number): number[] {
    const pixel = this.columns.candidates.find((column) => column !== label);
    const good: number[] = [];
    for (const [row, line] of this.lines.entries())
      if (pixel !== undefined && Number.isNaN(this.valueAt(row, pixel)))
        this.bad.push({
          line,
          why: `has ${named(this.cells.get(pixel)![row]!)} in column ${pixel + 1}, where a number belongs`,
        });
      else good.push(row);
    return good;
  }

  /** Reports the bad rows. Throws a refusal when there are too many, or no others. */
  private report(good: number): void {
    const { where } = this.source;
    const total = good + this.bad.length;
    const [first] = this.bad.sort((a, b) => a.line - b.line);
    if (!first) return;
    if (this.bad.length > badShare * total)
      throw new Refusal(
        `${where} has ${plural(this.bad.length, 'bad row')} among ${counted(total)}, more than 5 %; the first: line ${first.line} ${first.why}. Mend the table or save it anew.`,
      );
    for (const { line, why } of this.bad) this.context.skip(`${where}, line ${line}`, why);
  }

  private tellColumns(label: number): void {
    const { candidates, titles, dropped, width } = this.columns;
    this.context.number('labelColumn', 'Label column', { min: 1, max: width, unit: '' }, label + 1);
    if (candidates.length > 1)
      this.context.warn(
        `${this.source.where}: no column is named "label"; the ${label === candidates[0] ? 'first' : 'last'} one was taken as the label.`,
      );
    if (dropped.length > 0) {
      const list = dropped.map((column) => (titles[column] ? `"${titles[column]}"` : `number ${column + 1}`));
      this.context.warn(
        `${this.source.where}: column ${list.join(', ')} only numbers or names the rows and was left out.`,
      );
    }
  }

  /** With decimal commas, the label "3,0" is the number 3. */
  private asLabel(cell: string): string {
    return this.decimalComma && /^\s*[-+]?\d+,0*\s*$/.test(cell) ? cell.replace(',', '.') : cell;
  }
}

function named(cell: string): string {
  const text = cell.trim();
  if (text === '') return 'nothing';
  return `"${text.length > 20 ? `${text.slice(0, 20)}…` : text}"`;
}
