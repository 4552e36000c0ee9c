/** Misspelt parts of an experiment's file. */
import { fewProblems, type Problem } from '../distill/knobs';
import { quotedValue } from '../limits/texts';

const partsOfFile = ['version', 'title', 'note', 'base', 'seeds', 'entries', 'axes'];
const partsOfEntry = ['method', 'recipe', 'name', 'set'];
const partsOfAxis = ['knob', 'values', 'from', 'to', 'count', 'scale'];

/**
 * Parts of a file that `readExperiment` passes over: a misspelt one would be another experiment than was meant. Asked of
 * files as they are opened, not of stored experiments, which stay readable.
 */
export function strangeParts(input: unknown): Problem[] {
  if (!isRecord(input)) return [];
  const strange = (path: string, value: unknown, known: readonly string[], whole: string): Problem[] =>
    Object.keys(isRecord(value) ? value : {})
      .filter((name) => !known.includes(name))
      .map((name) => ({ path, message: `${quotedValue(name)} is not a part of ${whole}.` }));
  const strangeIn = (list: 'entries' | 'axes', known: readonly string[], whole: string) => {
    const items: unknown = input[list];
    return (Array.isArray(items) ? items : []).flatMap((item: unknown, index) =>
      strange(`${list}.${index}`, item, known, whole),
    );
  };
  return fewProblems([
    ...strange('', input, partsOfFile, 'an experiment'),
    ...strangeIn('entries', partsOfEntry, 'an entry'),
    ...strangeIn('axes', partsOfAxis, 'an axis'),
  ]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
