/** Carries out the cells of an experiment in a pool of workers, each as a stored run. Loaded with the first experiment. */
import { cellsOf, type Cell } from '../../../experiment/experiment';
import type { CellResult } from '../../../experiment/table';
import type { BackendName } from '../../../engine/backend-names';
import { teacherKey } from '../../../distill/teachers/teacher-key';
import { RunRecord } from '../../../record/run-record';
import { readEvents, readProgress } from '../../../storage/library';
import type { StoredCell } from '../../../storage/schema';
import { ownRefOf, type OwnSetRef } from '../../../storage/set-handle';
import { failureOf, lacksLatencies, networkKey, resultOf, withLatencies } from '../../../worker/cell-run';
import { CellPool, type PoolCell, type PoolProgress } from '../../../worker/pool';
import type { RunId } from '../../../worker/training-protocol';
import type { DataState } from '../data/data-store';
import { newRunId, type LibraryState } from '../library/library-store';
import type { Reader } from '../services';
import type { ExperimentProgress } from './experiment-runs';

interface PoolSetup {
  workers: number;
  backend: BackendName | null;
  library: Reader<LibraryState>;
  data: Reader<DataState>;
  /** A cell is begun. */
  onBegin: (name: string, seed: number, cells: StoredCell[]) => Promise<void>;
  /** A cell is over. */
  onEnd: (cells: StoredCell[], results: CellResult[]) => Promise<void>;
  onProgress: (progress: PoolProgress) => void;
  onDone: () => void;
}

/** Starts the pool with all cells that have no result. */
export async function poolOf(
  { row, experiment, stored }: ExperimentProgress,
  { workers, backend, library, data, onBegin, onEnd, onProgress, onDone }: PoolSetup,
): Promise<CellPool> {
  const planned = cellsOf(experiment);
  const cellAt = (place: number): Cell => {
    const { entry, seed } = row.cells[place]!;
    return planned.find((cell) => cell.entry === entry && cell.seed === seed)!;
  };
  const { studied } = data.getState();
  const own: OwnSetRef | null =
    (studied && ownRefOf(studied)) ?? (row.dataset === null ? null : { kind: 'stored', hash: row.dataset });
  let cells = [...row.cells];
  const places = new Map<RunId, number>();
  const put = (place: number, changes: Partial<StoredCell>) => {
    cells = cells.map((cell, i) => (i === place ? { ...cell, ...changes } : cell));
  };
  const resultsNow = () => cells.flatMap(({ result }) => (result ? [result as CellResult] : []));
  const recordOf = async (run: RunId, place: number) => {
    const record = new RunRecord(run, cellAt(place).recipe);
    await library.getState().withStorage('The curves of a run could not be read', async (from) => {
      record.take((await readEvents(from, run)).events);
    });
    return record;
  };

  // A page that was closed at the end of a cell may have stored the run, and not its result.
  for (const [place, { run, result }] of cells.entries()) {
    if (run === null || result) continue;
    let ended = false;
    await library.getState().withStorage('A run could not be read', async (from) => {
      ended = (await readProgress(from, run))?.state === 'finished';
    });
    if (ended) put(place, { result: resultOf(cellAt(place), await recordOf(run, place)) });
  }
  if (resultsNow().length > row.cells.filter(({ result }) => result).length) await onEnd(cells, resultsNow());

  const partsOf = (place: number) => {
    const { recipe } = cellAt(place);
    const dataset = recipe.material.dataset === 'upload' ? own : null;
    return { recipe, dataset, network: networkKey(recipe) };
  };
  const unmeasured = cells.flatMap(({ result }, place) =>
    lacksLatencies(result as CellResult | null) ? [partsOf(place)] : [],
  );
  const waiting = cells.flatMap((stand, place): PoolCell[] => {
    if (stand.result) return [];
    const { recipe, dataset, network } = partsOf(place);
    const run = stand.run ?? newRunId();
    places.set(run, place);
    return [
      {
        run,
        recipe,
        dataset,
        begun: stand.run !== null && stored,
        network,
        // Only the order of cells depends on it, so that the place does not matter.
        teacher: teacherKey(recipe, { dataset: recipe.material.dataset, backend: '' }),
      },
    ];
  });
  const pool = new CellPool(
    waiting,
    { workers, backend, keep: stored, unmeasured },
    {
      onBegin: async ({ run, recipe }) => {
        const place = places.get(run)!;
        put(place, { run });
        const { entry, seed } = cells[place]!;
        if (stored) await library.getState().addCell({ run, recipe, experiment: row.id });
        await onBegin(experiment.entries[entry]!.name, seed, cells);
      },
      onEnd: async ({ run }, end) => {
        const place = places.get(run)!;
        const { entry, seed } = cells[place]!;
        put(place, {
          result:
            'failure' in end ? failureOf({ entry, seed }, end.failure) : { entry, seed, ...end.outcome },
        });
        await onEnd(cells, resultsNow());
        if (stored) await library.getState().reread(run);
      },
      onLatencies: async (network, latencies) => {
        const results = cells.map(({ result }) => result as CellResult | null);
        const recipeOf = (place: number) => cellAt(place).recipe;
        for (const [place, result] of withLatencies(results, recipeOf, network, latencies).entries())
          put(place, { result });
        await onEnd(cells, resultsNow());
      },
      onProgress,
      onDone,
    },
  );
  if (waiting.length + unmeasured.length === 0) queueMicrotask(onDone);
  return pool;
}
