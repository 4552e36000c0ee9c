/** Cells that list several labels: "cat;dog", "cat|dog", "['cat', 'dog']". */

const separators = [';', '|', ','];
const longestLabel = 60;

export interface LabelLists {
  separator: string;
  /** In order of appearance. */
  labels: string[];
}

/**
 * How some different texts list labels; null when they are no lists: none has a separator, or the parts are not fewer
 * than the texts, as in addresses.
 * @param most labels
 */
export function labelListsIn(texts: readonly string[], most: number): LabelLists | null {
  for (const separator of separators) {
    if (!texts.some((text) => text.includes(separator))) continue;
    const labels = new Set<string>();
    for (const text of texts) {
      for (const label of labelsIn(text, separator)) labels.add(label);
      if (labels.size > most) break;
    }
    const areShort = [...labels].every(({ length }) => length <= longestLabel);
    if (areShort && labels.size >= 2 && labels.size < texts.length && labels.size <= most)
      return { separator, labels: [...labels] };
  }
  return null;
}

/** The labels of a cell. */
export function labelsIn(cell: string, separator: string): string[] {
  return cell
    .replace(/^\s*[[({]|[\])}]\s*$/g, '')
    .split(separator)
    .map((part) =>
      part
        .trim()
        .replace(/^(["'])(.*)\1$/, '$2')
        .trim(),
    )
    .filter((part) => part !== '');
}
