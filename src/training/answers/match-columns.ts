/** Which column of a file is which class, label or number of the set. */
import { AnswersProblem, type AnswerPart } from './answer-parts';

const plain = (name: string) => name.trim().toLowerCase();

/** Without what all names begin with, such as "logit_". */
function withoutPrefix(names: readonly string[]): string[] {
  const [first = ''] = names;
  let length = 0;
  while (length < first.length && names.every((name) => name[length] === first[length])) length++;
  const prefix = first.slice(0, length).replace(/[^:_\-. /]*$/, '');
  return names.map((name) => name.slice(prefix.length));
}

/**
 * @param outputs names of the set's classes, labels or numbers
 * @returns for each output its column, and a sentence on how they were found
 * @throws AnswersProblem where they are too few, or others
 */
export function columnsFor(
  { where, width, columns }: Pick<AnswerPart, 'where' | 'width' | 'columns'>,
  outputs: readonly string[],
): { order: Int32Array; how: string } {
  if (columns) {
    for (const names of [columns.map(plain), withoutPrefix(columns.map(plain))]) {
      const order = outputs.map((output) => names.indexOf(plain(output)));
      if (order.every((column) => column >= 0) && new Set(names).size === names.length)
        return {
          order: Int32Array.from(order),
          how: `Columns by their names${width > outputs.length ? `; ${width - outputs.length} others are not used` : ''}.`,
        };
    }
    const numbers = columns.map((name) => /(\d+)\D*$/.exec(name)?.[1]).map((digits) => Number(digits ?? NaN));
    const from = Math.min(...numbers);
    const isCount =
      width === outputs.length &&
      new Set(numbers).size === width &&
      (from === 0 || from === 1) &&
      Math.max(...numbers) === width - 1 + from;
    if (isCount)
      return {
        order: Int32Array.from(outputs, (_, output) => numbers.indexOf(output + from)),
        how: `Columns by the numbers in their names, counted from ${from}.`,
      };
  }
  if (width !== outputs.length)
    throw new AnswersProblem(
      `${where} has ${width} ${width === 1 ? 'column' : 'columns'} of numbers, and this set has ${outputs.length} ${outputs.length === 1 ? 'output' : 'outputs'} (${outputs
        .slice(0, 3)
        .map((name) => `“${name}”`)
        .join(
          ', ',
        )}${outputs.length > 3 ? ', …' : ''}). One column is wanted for each${columns ? ', named as the set names them' : ''}.`,
    );
  const known = outputs.map(plain);
  const isOther = (name: string) => !known.includes(plain(name));
  const misplaced = columns?.findIndex((name, i) => !isOther(name) && plain(name) !== known[i]) ?? -1;
  if (misplaced >= 0)
    throw new AnswersProblem(
      `${where} has a column “${columns![misplaced]}” in the place of “${outputs[misplaced]}”, and others that are no names of this set, such as “${columns!.find(isOther) ?? columns![misplaced]}”. Name each column as the set does, or leave the names out.`,
    );
  const different = Math.max(0, columns?.findIndex(isOther) ?? 0);
  return {
    order: Int32Array.from(outputs, (_, output) => output),
    how: columns
      ? `Columns in their order, because their names are others (“${columns[different]}” is taken as “${outputs[different]}”).`
      : 'Columns in their order, as the set numbers its classes.',
  };
}
