/** Which classes each specialist knows. Plain numbers; a set lists classes in the order of the specialist's outputs. */

export type ClassSets = readonly (readonly number[])[];

/**
 * The classes on a ring, each covered by `coverage` specialists that follow one another: specialist b covers the places
 * round(b*C/M) .. round((b+r)*C/M)-1. A specialist that would cover nothing is left out.
 * @param order the classes as they lie on the ring; by index when left out
 * Source: layout B of the authors' code generalised to any number of classes (our rule).
 */
export function ringSets(
  classes: number,
  specialists: number,
  coverage: number,
  order: readonly number[] = Array.from({ length: classes }, (_, c) => c),
): number[][] {
  const place = (b: number) => Math.round((b * classes) / specialists);
  return Array.from({ length: specialists }, (_, b) => {
    const [from, to] = [place(b), place(b + Math.min(coverage, specialists))];
    return Array.from({ length: to - from }, (_, i) => order[(from + i) % classes]!);
  }).filter((set) => set.length > 0);
}

/** The two layouts of the authors' code for ten classes (Adamantios/NN-Train, 160a5c7). */
export const layouts = {
  /** Small overlaps: classes 1 and 3 are known to two specialists. */
  A: [
    [0, 1],
    [1, 2, 3],
    [3, 4, 5],
    [6, 7],
    [8, 9],
  ],
  /** Every class is known to two specialists. */
  B: [
    [0, 1, 2, 3],
    [1, 2, 3, 4],
    [4, 5, 6, 7],
    [6, 7, 8, 9],
    [0, 5, 8, 9],
  ],
} as const satisfies Record<string, ClassSets>;

/**
 * The classes so that those that are confused lie side by side: from class 0 always on to the class most confused with
 * the present one (either way) that is not placed yet; the lowest of equals.
 * @param confusion counts (true, answered), row-major [C*C]
 */
export function confusionOrder(confusion: ArrayLike<number>, classes: number): number[] {
  const order = [0];
  const open = new Set(Array.from({ length: classes - 1 }, (_, c) => c + 1));
  while (open.size > 0) {
    const at = order.at(-1)!;
    const confused = (c: number) => confusion[at * classes + c]! + confusion[c * classes + at]!;
    let next = -1;
    for (const c of open) if (next < 0 || confused(c) > confused(next)) next = c;
    open.delete(next);
    order.push(next);
  }
  return order;
}

/**
 * Reads sets written as "0-3; 4,5; 5-9" (specialists apart by semicolons, numbers or ranges apart by commas), or a
 * sentence's end that says what is wrong.
 */
export function readSets(text: string): { sets: number[][] } | { problem: string } {
  const sets: number[][] = [];
  for (const part of text.split(';')) {
    const set = new Set<number>();
    for (const item of part.split(',')) {
      const range = /^\s*(\d{1,4})\s*(?:-\s*(\d{1,4})\s*)?$/.exec(item);
      if (!range)
        return {
          problem: 'must list class numbers such as 0-3; 2,5; 6-9, one group per specialist',
        };
      const [from, to] = [Number(range[1]), Number(range[2] ?? range[1])];
      if (to < from) return { problem: `has the range ${from}-${to} the wrong way round` };
      for (let c = from; c <= to; c++) set.add(c);
    }
    sets.push([...set]);
  }
  if (sets.length < 2 || sets.length > 8) return { problem: 'must have two to eight groups' };
  return { sets };
}

/** A sentence when the sets do not fit the data's classes, else null. */
export function setsProblem(sets: ClassSets, classes: readonly string[]): string | null {
  const known = new Set(sets.flat());
  const beyond = [...known].find((c) => c >= classes.length);
  if (beyond !== undefined)
    return `The specialists’ groups name class ${beyond}, but the classes are numbered 0 to ${classes.length - 1}.`;
  const orphan = classes.findIndex((_, c) => !known.has(c));
  if (orphan >= 0) return `No specialist knows class ${orphan} (${classes[orphan]}). Put it into a group.`;
  return null;
}
