/** Tables as comma-separated text (RFC 4180). Every cell of every table is written here. */

/** A missing number (null, undefined, NaN) is an empty cell. */
export type Cell = string | number | null | undefined;

/**
 * @param head titles of the columns
 * @param rows cells in the order of the titles
 * @param written a number as text
 */
export function csvTable(
  head: readonly string[],
  rows: Iterable<readonly Cell[]>,
  written: (value: number) => string = numberText,
): string {
  let text = `${csvLine(head, written)}\n`;
  for (const row of rows) text += `${csvLine(row, written)}\n`;
  return text;
}

/**
 * Protects a text from being read as a formula by a spreadsheet. A cell that starts like a formula, also after
 * blanks, gets an apostrophe in front. Control characters, which separate cells and lines, become blanks. A text
 * after a semicolon counts as a cell start too, because some locales separate cells with it.
 */
export function asText(text: string): string {
  return text.replace(controls, ' ').replace(formulaStart, "$1'$2");
}

const controls = /[\p{Cc}\u2028\u2029]+/gu;
/**
 * Blanks and invisible characters, then a character that starts a formula; some spreadsheets accept full-width ones
 * too.
 */
const formulaStart = /(^|;)([\p{Z}\p{Cf}\p{Cn}\p{Co}\p{Cs}]*[=+\-@＝＋－＠])/gu;

function csvLine(cells: readonly Cell[], written: (value: number) => string): string {
  return cells
    .map((cell) => quoted(typeof cell === 'number' ? written(cell) : asText(String(cell ?? ''))))
    .join(',');
}

/** The shortest text that is read back as the same number in single precision. */
export function exactText(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

/** Whole numbers unchanged; others with seven digits, which is all of single precision. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return '';
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(7)));
}

function quoted(text: string): string {
  return /[",;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
