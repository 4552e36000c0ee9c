import { useState, type ReactNode } from 'react';
import { LateSelect } from './LateSelect';

/** The value for a chart of this run alone. */
const all = '';

/**
 * Which part of a chart is compared between runs: many lines of many runs in one picture could not be told apart.
 * @param parts what there is to choose from, empty where nothing is compared
 * @param first the part that is shown at first, if it is among them
 * @returns the chosen part, null for the chart of this run alone, and the choice itself
 */
export function usePart(
  parts: readonly { value: string; label: string }[],
  first: string,
): { part: string | null; choice: ReactNode } {
  const [chosen, setChosen] = useState<string | null>(null);
  if (parts.length === 0) return { part: null, choice: null };
  const known = (value: string | null) => parts.find((part) => part.value === value)?.value;
  const part = chosen === all ? null : (known(chosen) ?? known(first) ?? parts[0]!.value);
  return {
    part,
    choice: (
      <LateSelect
        size="xs"
        w={210}
        aria-label="What is compared between runs"
        allowDeselect={false}
        value={part ?? all}
        onChange={setChosen}
        data={[...parts, { value: all, label: 'All of this run alone' }]}
      />
    ),
  };
}
