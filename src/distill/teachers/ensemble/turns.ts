/** Members of an ensemble that take turns in place of an average: whose answers a step shows. */

export type TurnRule = 'random' | 'round-robin';

/**
 * The member of step k (from 0), 0..members-1.
 * @param uniform a number in [0, 1), drawn for this step
 */
export function memberOfStep(rule: TurnRule, step: number, uniform: number, members: number): number {
  return rule === 'round-robin' ? step % members : Math.min(members - 1, Math.floor(uniform * members));
}

/**
 * Where position q of an epoch over members * rows positions lies: each member has a copy of all rows.
 * @returns row 0..rows-1 and member
 */
export function copyAt(position: number, rows: number): { row: number; member: number } {
  return { row: position % rows, member: Math.floor(position / rows) };
}
