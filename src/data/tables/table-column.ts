/** One column of a table: each cell is a number, a text or a gap. */

/** More different texts than this are only counted. */
const mostTexts = 1001;
/** Characters of all texts of a column that names its rows; longer texts are no names. */
const mostOfNames = 16 * 1024 * 1024;

export class TableColumn {
  private values = new Float64Array(1024);
  private codes = new Int32Array(1024);
  private readonly codeOf = new Map<string, number>();
  /** All texts in order while none has come twice; else null. */
  private unique: Set<string> | null = new Set();
  private characters = 0;
  /** Different texts in order of appearance, at most `mostTexts`. */
  readonly texts: string[] = [];
  length = 0;
  /** Cells with a number, and with a text. */
  numbers = 0;
  words = 0;

  constructor(
    readonly name: string,
    /** The sign that its numbers are written with, such as "%"; "" for none. */
    readonly unit = '',
  ) {}

  get bytes(): number {
    return this.values.byteLength + this.codes.byteLength + (this.unique ? 2 * this.characters : 0);
  }

  /** Whether there are more different texts than `texts` lists. */
  get hasManyTexts(): boolean {
    return this.texts.length === mostTexts;
  }

  add(cell: number | string | null): void {
    if (this.length === this.values.length) this.grow();
    const row = this.length++;
    this.values[row] = NaN;
    this.codes[row] = -1;
    if (typeof cell === 'number') {
      this.values[row] = cell;
      this.numbers++;
    } else if (cell !== null) {
      this.codes[row] = this.codeFor(cell);
      this.words++;
      this.noteName(cell);
    }
  }

  /** NaN where the cell is no number. */
  numberAt(row: number): number {
    return this.values[row]!;
  }

  /** Null for a gap; numbers as text. */
  textAt(row: number): string | null {
    const code = this.codes[row]!;
    if (code >= 0) return this.texts[code]!;
    const value = this.values[row]!;
    return Number.isNaN(value) ? null : String(value);
  }

  /** Different numbers among some rows, at most `most` of them. */
  differentNumbers(rows: ArrayLike<number>, most = Infinity): Set<number> {
    const found = new Set<number>();
    for (let i = 0; i < rows.length && found.size < most; i++) {
      const value = this.values[rows[i]!]!;
      if (!Number.isNaN(value)) found.add(value);
    }
    return found;
  }

  /** The cells, where each row has another text or another whole number; null for any other column. */
  rowNames(): string[] | null {
    if (this.words === this.length) return this.unique ? [...this.unique] : null;
    if (this.numbers < this.length || this.unit !== '') return null;
    const values = this.values.subarray(0, this.length);
    const isOfNames = values.every(Number.isSafeInteger) && new Set(values).size === this.length;
    return isOfNames ? Array.from(values, String) : null;
  }

  private noteName(text: string): void {
    if (!this.unique) return;
    this.characters += text.length;
    if (this.unique.has(text) || this.characters > mostOfNames) this.unique = null;
    else this.unique.add(text);
  }

  private codeFor(text: string): number {
    const known = this.codeOf.get(text);
    if (known !== undefined) return known;
    // Texts past the limit share the last code.
    if (this.texts.length === mostTexts) return mostTexts - 1;
    this.codeOf.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }

  private grow(): void {
    const [values, codes] = [this.values, this.codes];
    this.values = new Float64Array(2 * values.length);
    this.codes = new Int32Array(2 * codes.length);
    this.values.set(values);
    this.codes.set(codes);
  }
}
