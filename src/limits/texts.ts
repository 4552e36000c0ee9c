/** Texts that come from outside (links, files, names, faults): how long they may be, and how they stand in a message. */

/** Characters; what is longer is cut, or refused where a part would mean something else. */
export const mostCharacters = {
  /** Of a recipe's link, from the # on: fifty times what the longest recipe takes. */
  link: 100_000,
  /** Of a recipe or a study as a file. */
  jsonFile: 4_000_000,
  /** Title of a recipe or of a run. */
  name: 200,
  /** What a person writes about a run, and what an example says about it. */
  notes: 4000,
  /** Title of a data set, name of a class, name of a file. */
  label: 300,
  /** A sentence that a run has told. */
  sentence: 4000,
  /** A part of a foreign text inside a message. */
  quote: 60,
} as const;

/** Things of one list that are kept; of the others only the number is said. */
export const mostListed = {
  /** What could not be read of a recipe. */
  problems: 20,
} as const;

/** The text, or its beginning and "…" when it is longer. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  // Half a surrogate pair is no character.
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** What was thrown, as a sentence. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A value in a message; deep or long ones are cut. */
export function quotedValue(value: unknown): string {
  if (typeof value === 'string')
    return shortened(JSON.stringify(shortened(value, mostCharacters.quote)), mostCharacters.quote);
  if (Array.isArray(value))
    return value.length === 0 ? '[]' : `a list of ${value.length.toLocaleString('en-GB')}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
