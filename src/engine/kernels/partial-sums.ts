import { runsOnSoftware } from './wgsl';

/** Threads that occupy a graphics card; two cores need far fewer. */
const enoughThreads = () => (runsOnSoftware() ? 128 : 4096);

/** Beyond this the second dispatch, which adds the partial sums one after the other, takes longer than the first. */
const mostPartials = 256;

/**
 * Number of partial sums into which a sum over rows is divided, one thread each. One if there are enough threads
 * without that, which saves the dispatch that adds them up.
 * @param results threads for one partial sum of all results
 */
export function partialSumsFor(results: number, rows: number): number {
  return Math.min(Math.ceil(enoughThreads() / results), mostPartials, rows);
}
