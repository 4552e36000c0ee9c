/** An experiment of runs that are in the list already. Loaded on demand. */
import { fileOfRecipes } from '../../../experiment/experiment';
import { RunRecord } from '../../../record/run-record';
import { readEvents, relabel } from '../../../storage/library';
import type { StoredCell, StoredExperiment } from '../../../storage/schema';
import type { Storage } from '../../../storage/storage';
import { resultOf } from '../../../worker/cell-run';
import type { RunEntry } from '../library/library-store';

/**
 * Runs with the same recipe but for the seed (and the name) are cells of one row. Of two runs with the same recipe and seed
 * the later one counts. Those that have not ended are trained when the experiment goes on.
 */
export async function gathered(
  storage: Storage,
  runs: readonly RunEntry[],
  id: string,
): Promise<StoredExperiment> {
  const { file, places } = fileOfRecipes(
    `${runs.length} runs`,
    runs.map(({ recipe, name }) => ({ recipe, name })),
  );
  const cells = new Map<string, StoredCell>();
  for (let entry = 0; entry < file.entries.length; entry++)
    for (const seed of file.seeds) cells.set(`${entry}/${seed}`, { entry, seed, run: null, result: null });
  for (const [i, run] of runs.entries()) {
    const { entry, seed } = places[i]!;
    const record = new RunRecord(run.id, run.recipe);
    record.take((await readEvents(storage, run.id)).events);
    const result = record.outcome ? resultOf({ entry, seed }, record) : null;
    cells.set(`${entry}/${seed}`, { entry, seed, run: run.id, result });
    await relabel(storage, run.id, { experiment: id });
  }
  // Seed by seed, as cells are carried out.
  const inOrder = [...cells.values()].toSorted(
    (a, b) => file.seeds.indexOf(a.seed) - file.seeds.indexOf(b.seed) || a.entry - b.entry,
  );
  const ended = inOrder.every(({ result }) => result);
  const dataset =
    runs.flatMap((run) => (run.dataset?.kind === 'stored' ? [run.dataset.hash] : []))[0] ?? null;
  return {
    id,
    name: file.title,
    file,
    dataset,
    createdAt: Date.now(),
    state: ended ? 'ended' : 'stopped',
    cells: inOrder,
  };
}
