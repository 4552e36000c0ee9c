/** Tables as comma-separated text (RFC 4180). Every cell of every table goes through here. */

/** A missing number (null, undefined, NaN) is an empty cell. */
export type Cell = string | number | null | undefined;

/** @param head titles of the columns @param rows cells in the order of the titles */
export function csvTable(head: readonly string[], rows: Iterable<readonly Cell[]>): string {
  let text = `${csvLine(head)}\n`;
  for (const row of rows) text += `${csvLine(row)}\n`;
  return text;
}

/**
 * A text that a spreadsheet takes for a text. A cell that begins as a formula does is taken for one, whatever blanks
 * come before, so an apostrophe is put in front. Signs of control, which part cells and lines, become blanks. Where a
 * semicolon parts the cells, what stands behind one begins a cell as well.
 */
export function asText(text: string): string {
  return text.replace(controls, ' ').replace(formulaStart, "$1'$2");
}

const controls = /[\p{Cc}\u2028\u2029]+/gu;
/** Blanks and invisible signs, then one of the signs that begin a formula; some spreadsheets take the wide ones too. */
const formulaStart = /(^|;)([\p{Z}\p{Cf}\p{Cn}\p{Co}\p{Cs}]*[=+\-@＝＋－＠])/gu;

function csvLine(cells: readonly Cell[]): string {
  return cells
    .map((cell) => quoted(typeof cell === 'number' ? numberText(cell) : asText(String(cell ?? ''))))
    .join(',');
}

/** Whole numbers as they are; of others seven figures say all that single precision holds. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return '';
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(7)));
}

function quoted(text: string): string {
  return /[",;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
