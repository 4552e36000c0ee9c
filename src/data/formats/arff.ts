/** ARFF, the tables of Weka and OpenML. */
import { readArffTable } from '../tables/read-arff';
import { textOf } from '../text';
import type { Format } from './dataset-format';

/** Bytes that are read to get past the comments at the start. */
const longHead = 1024 * 1024;

export const arff: Format = {
  name: 'ARFF',
  noun: 'an ARFF table',
  async recognise({ head, read }) {
    const text = textOf(head);
    if (text === null || !/^\s*(%|@relation\b)/i.test(text)) return false;
    const first = firstLine(text) ?? firstLine(textOf(await read(longHead)) ?? '');
    return first !== null && /^\s*@relation\b/i.test(first);
  },
  async read(sources, _aside, context) {
    const [first, ...others] = sources;
    return { format: 'ARFF', table: await readArffTable([first!, ...others], context) };
  },
};

/** The first line that is neither blank nor a comment; null where there is none. */
function firstLine(text: string): string | null {
  return text.split(/[\r\n]/).find((line) => !/^\s*(%|$)/.test(line)) ?? null;
}
