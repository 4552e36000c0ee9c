/** Names of rows as they stand in a figure. */
import { shortNames } from '../../experiment/row-names';

/** CSS px of a letter, on average. */
export const letter = 6.4;

/** Shortened to so many letters in the middle: rows begin alike, and end with what sets them apart. */
export function fittedLabel(name: string, letters: number): string {
  if (name.length <= letters) return name;
  const end = Math.ceil((letters - 1) * 0.6);
  return `${name.slice(0, Math.max(1, letters - 1 - end)).trimEnd()}…${name.slice(-end).trimStart()}`;
}

/** The names, and methods by their abbreviations where the names would be cut. @param letters that there is room for */
export function rowLabels(names: readonly string[], letters: number): string[] {
  const isTight = names.some((name) => name.length > letters);
  return (isTight ? shortNames(names) : names).map((name) => fittedLabel(name, letters));
}
