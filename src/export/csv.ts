/** Cells and lines of comma-separated text (RFC 4180). */

/** Numbers are kept in single precision: seven figures say all of it. A missing one is an empty cell. */
export function numberCell(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '' : String(Number(value.toPrecision(7)));
}

/**
 * Text that a person or an upload has named. A spreadsheet takes a cell for a formula that begins as one does, so an
 * apostrophe comes before it.
 */
export function textCell(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

export function csvLine(cells: readonly (string | number)[]): string {
  return cells
    .map((value) => {
      const text = String(value);
      return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(',');
}
