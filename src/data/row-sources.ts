/** What the files of a set call its rows, from the import to the set. */
import type { RowSources } from './dataset';

/** The same of some rows, in their order. */
export function pickedSources({ names, places }: RowSources, rows: ArrayLike<number>): RowSources {
  return {
    ...(names ? { names: Array.from(rows, (row) => names[row]!) } : {}),
    ...(places ? { places: Int32Array.from(rows, (row) => places[row]!) } : {}),
  };
}

/**
 * Of the rows of both splits, from those of the source.
 * @param order [train+test] place of each row in the source, training rows first
 * @param names [all rows of the source], or null where they have none
 * @param isWhole whether no row was left out while the source was read, so that places are those of its files
 */
export function sourcesInOrder(
  order: Int32Array,
  train: number,
  names: readonly string[] | null,
  isWhole: boolean,
): { train: RowSources; test: RowSources } | null {
  const isMoved = order.some((place, row) => place !== row);
  const all: RowSources = {
    ...(names ? { names: Array.from(order, (place) => names[place]!) } : {}),
    ...(isWhole && isMoved ? { places: order } : {}),
  };
  if (!all.names && !all.places) return null;
  const rows = [...order.keys()];
  return { train: pickedSources(all, rows.slice(0, train)), test: pickedSources(all, rows.slice(train)) };
}
