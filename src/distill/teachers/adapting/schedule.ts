/** How an adapting teacher and its student share the steps of a run. */

/** Weight of the adaptation at a share p of a run or an epoch: from 0 towards 1. Source: Ganin and Lempitsky 2015. */
export function adaptationWeight(p: number): number {
  return 2 / (1 + Math.exp(-10 * p)) - 1;
}

/** Share of the student's objective at a share p of the run, exponential between its ends. */
export function distillationShare(from: number, to: number, p: number): number {
  return from * (to / from) ** p;
}
