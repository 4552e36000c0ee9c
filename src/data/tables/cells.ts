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
/** Longest number, category or class; of a longer text the beginning counts. */
export const longestText = 299;

/** The number in a cell; NaN for anything else. `mark` decides what "1,234" and "1.234" are. */
export function numberIn(cell: string, mark: DecimalMark): number {
  const text = cell.trim();
  // Some patterns take time with the square of the length.
  if (text.length > longestText) return NaN;
  const value = Number(asPlain(text, mark));
  return Math.abs(value) <= largestNumber ? value : NaN;
}

/**
 * A cell as number, text or gap. A number that is too large for a 32-bit float is a gap; a whole number with more
 * digits than a 64-bit float tells apart is a text, because it is a name.
 * @param unit a sign that all numbers of the column have (`unitOf`); a cell without it is a text
 */
export function cellOf(cell: string, mark: DecimalMark, unit = ''): number | string | null {
  if (isGap(cell)) return null;
  const found = unit === '' ? null : unitIn(cell);
  if (unit !== '' && found?.unit !== unit) return tidyText(cell);
  const written = found?.number ?? cell;
  const value = numberIn(written, mark);
  if (Number.isNaN(value)) return isTooLarge(written, mark) ? null : tidyText(cell);
  return /^\s*[-+]?\d+\s*$/.test(written) && !Number.isSafeInteger(value) ? tidyText(cell) : value;
}

function isTooLarge(cell: string, mark: DecimalMark): boolean {
  return cell.length <= longestText && asPlain(cell.trim(), mark) !== 'NaN';
}

/** A text as category or class; of a long one both ends, which rather differ than the beginning alone. */
export function tidyText(cell: string): string {
  const text = cell.trim();
  const half = (longestText - 1) / 2;
  const whole = text.length <= longestText ? text : `${text.slice(0, half)}…${text.slice(-half)}`;
  return whole.normalize('NFC');
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

const signed = /^([-+]?)(\p{Sc})\s*(?=[-+.,\d])(.*)$/u;
const endingInSign = /^(.*[.,\d])\s*([%‰]|\p{Sc})$/u;

/** A number with a sign of its unit, "5 %" or "$5", as the sign and the number without it; null for any other cell. */
export function unitIn(cell: string): { unit: string; number: string } | null {
  const text = cell.trim();
  if (text.length > longestText) return null;
  const [, minus, before, after] = signed.exec(text) ?? [];
  const [, start, end] = endingInSign.exec(text) ?? [];
  const found =
    before !== undefined
      ? { unit: before, number: `${minus}${after}` }
      : end !== undefined
        ? { unit: end, number: start! }
        : null;
  return found && asPlain(found.number, 'point') !== 'NaN' ? found : null;
}

/** The sign that every cell of a column with a value has; "" where there is none or they differ. */
export function unitOf(cells: readonly string[]): string {
  const units = new Set(cells.filter((cell) => !isGap(cell)).map((cell) => unitIn(cell)?.unit));
  const [unit = ''] = units;
  return units.size === 1 ? unit : '';
}

/** The mark that the cells of a column show, with or without a sign of a unit; null when none of them shows it. */
export function decimalMarkOf(cells: readonly string[]): DecimalMark | null {
  let [points, commas] = [0, 0];
  for (const cell of cells) {
    const text = unitIn(cell)?.number ?? cell.trim();
    if (text.length > longestText) continue;
    if (/\d,\d{3}\.\d/.test(text) || (/^[-+]?\d*\.\d+$/.test(text) && !groupedByPoint.test(text))) points++;
    else if (/\d\.\d{3},\d/.test(text) || (withComma.test(text) && !groupedByComma.test(text))) commas++;
  }
  if (points === commas) return points > 0 ? 'point' : null;
  return points > commas ? 'point' : 'comma';
}
