/** Safe HTML: every text that is not a literal here goes through `text`. */

const signs: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function text(value: string | number): string {
  return String(value).replaceAll(/[&<>"']/g, (sign) => signs[sign]!);
}

/** A part of a page; empty without content. */
export function section(content: string): string {
  return content === '' ? '' : `<section>${content}</section>`;
}

/**
 * @param rows texts, the first column a heading
 * @param numbers columns that are aligned right
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  numbers: (column: number) => boolean = () => false,
): string {
  const align = (column: number) => (numbers(column) ? ' class="number"' : '');
  const heading = head.map((cell, i) => `<th scope="col"${align(i)}>${text(cell)}</th>`).join('');
  const body = rows.map((row) => {
    const cells = row.map((cell, i) =>
      i === 0 ? `<th scope="row">${text(cell)}</th>` : `<td${align(i)}>${text(cell)}</td>`,
    );
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<div class="scroll"><table>${head.length > 0 ? `<thead><tr>${heading}</tr></thead>` : ''}<tbody>${body.join('\n')}</tbody></table></div>`;
}
