/** Numbers and gaps in the cells of tables of columns. */

const gap = /^(|na|n\/a|#n\/a|<na>|nan|null|none|\?|-|--|\.|[-+]?inf(inity)?)$/i;

/** Whether a cell holds no value: blank, "NA", "?", "inf" and the like. */
export function isGap(cell: string): boolean {
  return gap.test(cell.trim());
}

export type DecimalMark = 'point' | 'comma';

const plain = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const withComma = /^[-+]?\d*,\d+(e[-+]?\d+)?$/i;
const groupedByComma = /^[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/;
const groupedByPoint = /^[-+]?[1-9]\d{0,2}(\.\d{3})+(,\d*)?$/;
const groupedBySpace = /^[-+]?[1-9]\d{0,2}([ \u00a0\u202f']\d{3})+([.,]\d*)?$/;
/** Largest number that a 32-bit float holds. */
export const largestNumber = 3.4028234e38;
/** Longest text that can be a category or a class. */
export const longestText = 300;

/** The number in a cell; NaN for anything else. `mark` decides what "1,234" and "1.234" are. */
export function numberIn(cell: string, mark: DecimalMark): number {
  const text = cell.trim();
  const value = Number(asPlain(text, mark));
  return Math.abs(value) <= largestNumber ? value : NaN;
}

function asPlain(text: string, mark: DecimalMark): string {
  if (mark === 'comma' && groupedByPoint.test(text)) return text.replaceAll('.', '').replace(',', '.');
  if (plain.test(text)) return text;
  if (mark === 'point' && groupedByComma.test(text)) return text.replaceAll(',', '');
  if (groupedBySpace.test(text)) return text.replace(/[ \u00a0\u202f']/g, '').replace(',', '.');
  if (withComma.test(text)) return text.replace(',', '.');
  if (groupedByComma.test(text)) return text.replaceAll(',', '');
  return groupedByPoint.test(text) ? text.replaceAll('.', '').replace(',', '.') : 'NaN';
}

/** The mark that the cells of a column show; null when none of them shows it. */
export function decimalMarkOf(cells: readonly string[]): DecimalMark | null {
  let [points, commas] = [0, 0];
  for (const cell of cells) {
    const text = cell.trim();
    if (/\d,\d{3}\.\d/.test(text) || (/^[-+]?\d*\.\d+$/.test(text) && !groupedByPoint.test(text))) points++;
    else if (/\d\.\d{3},\d/.test(text) || (withComma.test(text) && !groupedByComma.test(text))) commas++;
  }
  if (points === commas) return points > 0 ? 'point' : null;
  return points > commas ? 'point' : 'comma';
}
