/** Texts from outside (links, files, names, errors): length limits, and how they are quoted in a message. */

/** Limits in characters. Longer texts are cut, or refused where a part would mean something else. */
export const mostCharacters = {
  /** Of a recipe's link, from the # on: fifty times what the longest recipe takes. */
  link: 100_000,
  /** Of a recipe or an experiment as a file. */
  jsonFile: 4_000_000,
  /** Title of a recipe or of a run. */
  name: 200,
  /** Notes on a run, written by the user or by an example. */
  notes: 4000,
  /** Title of a data set, name of a class, name of a file. */
  label: 300,
  /** A sentence in an event of a run. */
  sentence: 4000,
  /** An outside text quoted inside a message. */
  quote: 60,
} as const;

/** Limits on lists; of further entries only the number is stated. */
export const mostListed = {
  /** Problems found while reading a recipe. */
  problems: 20,
} as const;

/** The text, or its beginning and "…" when it is longer. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  // Drops half of a surrogate pair at the cut.
  return `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** The first names, each in quotation marks: “a”, “b”, … */
export function quotedNames(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => `“${shortened(name, mostCharacters.quote)}”`);
  return shown.join(', ') + (names.length > shown.length ? ', …' : '');
}

/** A thrown value as a sentence. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A value for a message; deep or long values are shortened. */
export function quotedValue(value: unknown): string {
  if (typeof value === 'string')
    return shortened(JSON.stringify(shortened(value, mostCharacters.quote)), mostCharacters.quote);
  if (Array.isArray(value))
    return value.length === 0 ? '[]' : `a list of ${value.length.toLocaleString('en-GB')}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

/**
 * A label within a sentence: its first letter small, but names and abbreviations ("ReviewKD", "KL", "Holistic KD",
 * "Reverse KL · Soft targets") as they are.
 */
export function midSentence(label: string): string {
  const isName = label.includes(' · ') || /^\p{Lu}[\p{Ll}-]+ (KD|KL)\b/u.test(label);
  const [first = ''] = label.split(/[^\p{L}’'-]/u, 1);
  return !isName && /^\p{Lu}[\p{Ll}’'-]*$/u.test(first) ? label[0]!.toLowerCase() + label.slice(1) : label;
}
