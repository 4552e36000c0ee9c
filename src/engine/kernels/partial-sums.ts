import { runsOnSoftware } from './wgsl';

/** Threads that a card should have at least; two cores are busy with far fewer. */
const enoughThreads = () => (runsOnSoftware() ? 128 : 4096);

/** Beyond this the second dispatch, which adds the partial sums one after the other, takes longer than the first. */
const mostPartials = 256;

/**
 * Into how many partial sums a sum over rows is divided, each for a thread of its own: one if there are threads enough without
 * that, which saves the dispatch that adds up the shares.
 * @param results threads that one share of all sums takes
 */
export function partialSumsFor(results: number, rows: number): number {
  return Math.min(Math.ceil(enoughThreads() / results), mostPartials, rows);
}
