/** In which order cells are carried out, and how long the rest takes: pure. */

/** A cell as far as its order is concerned. */
export interface OrderedCell {
  /** Key of the teacher that it trains or takes up; null for a cell that trains none. */
  teacher: string | null;
}

/**
 * The place of the cell to begin next. One whose teacher nobody has begun comes first: those that share it then find it
 * there. One whose teacher is being trained now comes last, because it would wait.
 * @param begun keys of teachers that are trained, or being trained
 * @param training of these, the ones being trained now
 * @returns null where no cell waits
 */
export function nextPlace(
  cells: readonly OrderedCell[],
  begun: ReadonlySet<string>,
  training: ReadonlySet<string>,
): number | null {
  const rank = ({ teacher }: OrderedCell) => {
    if (teacher === null) return 1;
    if (training.has(teacher)) return 2;
    return begun.has(teacher) ? 1 : 0;
  };
  let best: number | null = null;
  cells.forEach((cell, place) => {
    if (best === null || rank(cell) < rank(cells[best]!)) best = place;
  });
  return best;
}

/** How far a cell is, as shares of its steps, 0..1. */
export interface CellShare {
  done: number;
  /** Of these, done before an interruption: the time that they took is not counted. */
  before: number;
}

/**
 * Seconds until all cells are done.
 * @param busySeconds that workers have spent on cells so far, all workers together
 * @param shares of the cells that were worked on in that time
 * @param all number of cells
 * @returns null before anything can be said
 */
export function secondsLeft(
  busySeconds: number,
  shares: readonly CellShare[],
  all: number,
  workers: number,
): number | null {
  const done = shares.reduce((sum, share) => sum + share.done, 0);
  const timed = shares.reduce((sum, share) => sum + share.done - share.before, 0);
  if (timed < 0.02 || busySeconds <= 0) return null;
  const left = all - done;
  return ((busySeconds / timed) * left) / Math.max(1, Math.min(workers, Math.ceil(left)));
}
