/** All maps of a network, grouped by resolution: where they lie in the `more` of its trace. No tensor. */

/** Name of map `j` of group `g`, both from 0. */
export const mapName = (g: number, j: number): string => `map${g}.${j}`;

/** The groups in what a trace has in `more`; none for networks that show none. */
export function mapGroups<T>(more: Readonly<Record<string, T>> = {}): T[][] {
  const groups: T[][] = [];
  for (let g = 0; mapName(g, 0) in more; g++) {
    const group: T[] = [];
    for (let j = 0; mapName(g, j) in more; j++) group.push(more[mapName(g, j)]!);
    groups.push(group);
  }
  return groups;
}
