/**
 * Carries out the cells of an experiment in the pool of workers that the visible page uses. Each is stored from its first
 * checkpoint on, so that after an interruption it goes on from its last one; one that is over is removed, since its numbers
 * are in files then.
 */
import { usualWorkers } from '../experiment/workers';
import type { CellResult } from '../experiment/table';
import { teacherKey } from '../distill/teachers/teacher-key';
import type { BackendName } from '../engine/backend-names';
import { RunRecord } from '../record/run-record';
import { purgeRun, readEvents, readProgress } from '../storage/library';
import { openStorage, type Storage } from '../storage/storage';
import {
  failureOf,
  lacksLatencies,
  metricsFile,
  networkKey,
  outcomeOf,
  withLatencies,
} from '../worker/cell-run';
import { CellPool } from '../worker/pool';
import type { CellEnd, Ending, RunId } from '../worker/training-protocol';
import { experimentCells } from './experiment-commands';

export interface ExperimentListener {
  /** Takes each cell as it ends. */
  onCell: (cell: CellFile) => Promise<void>;
  /** A cell that an earlier start of the experiment had begun goes on. @param step of the student; 0 before its phase */
  onContinued: (name: string, seed: number, step: number) => void;
}

export interface ExperimentOrder {
  /** As `readExperiment` takes it. */
  experiment: unknown;
  /** Of cells that are done. */
  done: CellResult[];
  backend: BackendName | null;
  /** Null for the usual number. */
  workers: number | null;
  /** Of each worker, on WebAssembly; 1 where it is left out. */
  threads?: number | undefined;
}

/** The same from a script, which takes each cell that ends at this path of its server (`cellMessage`). */
export interface ExperimentCall extends ExperimentOrder {
  cellsTo: string;
}

/** A cell that is over. */
export interface CellFile {
  result: CellResult;
  /** Its `metrics.json`; null for a cell that failed. */
  metrics: Uint8Array<ArrayBuffer> | null;
  secondsLeft: number | null;
}

/** @returns the results of all cells, with latencies: those of cells that were done are measured where they lack them */
export async function runExperiment(
  { experiment, done, backend, workers, threads = 1 }: ExperimentOrder,
  { onCell, onContinued }: ExperimentListener,
): Promise<CellResult[]> {
  const all = experimentCells(experiment);
  const due = all.filter(
    ({ entry, seed }) => !done.some((other) => other.entry === entry && other.seed === seed),
  );
  // Where nothing can be stored, an interrupted cell begins again.
  const storage = await openStorage().catch(() => null);
  const runOf = ({ entry, seed }: { entry: number; seed: number }) => `cell-${entry}-${seed}`;
  const places = new Map(due.map((cell, place) => [runOf(cell), place]));
  const cellOf = (run: RunId) => due[places.get(run)!]!;
  const labelOf = (run: RunId) => {
    const cell = cellOf(run);
    return { name: cell.name, number: all.indexOf(cell) + 1 };
  };
  const storedEnd = async (run: RunId): Promise<CellEnd> => {
    const record = new RunRecord(run, cellOf(run).recipe);
    record.take((await readEvents(storage!, run)).events);
    return { outcome: outcomeOf(record), metrics: metricsFile(record, labelOf(run)) };
  };
  let secondsLeft: number | null = null;
  let results: (CellResult | null)[] = due.map(() => null);
  let ended = done;
  const recipeOf = ({ entry, seed }: CellResult) =>
    all.find((cell) => cell.entry === entry && cell.seed === seed)!.recipe;
  const unmeasured = done.filter(lacksLatencies).map((result) => {
    const recipe = recipeOf(result);
    return { recipe, dataset: null, network: networkKey(recipe) };
  });
  const end = async (run: RunId, how: Ending, isStored: boolean) => {
    const { entry, seed } = cellOf(run);
    const isWhole = !('failure' in how);
    const result = isWhole ? { entry, seed, ...how.outcome } : failureOf({ entry, seed }, how.failure);
    results[places.get(run)!] = result;
    await onCell({ result, metrics: isWhole ? how.metrics : null, secondsLeft });
    if (storage && isStored) await forget(storage, run);
  };

  const begun = new Set<RunId>();
  for (const run of places.keys()) {
    const progress = storage && (await readProgress(storage, run));
    // The command may have ended after a run, and before its result was written.
    if (progress?.state === 'finished') await end(run, await storedEnd(run), true);
    else if (progress) begun.add(run);
  }
  const waiting = due.filter((_, place) => !results[place]);
  if (waiting.length + unmeasured.length > 0)
    await new Promise<void>((resolve, reject) => {
      const pool = new CellPool(
        waiting.map((cell) => ({
          run: runOf(cell),
          recipe: cell.recipe,
          dataset: null,
          begun: begun.has(runOf(cell)),
          teacher: teacherKey(cell.recipe, { dataset: cell.recipe.material.dataset, backend: '' }),
          network: networkKey(cell.recipe),
          label: labelOf(runOf(cell)),
        })),
        // The first worker says which backend there is.
        { workers: workers ?? 1, backend, threads, keep: storage !== null && 'late', unmeasured },
        {
          onBackend: (name) => {
            const machine = { cores: navigator.hardwareConcurrency, memory: Infinity };
            const most = Math.max(1, Math.floor(machine.cores / threads));
            pool.setWorkers(Math.min(most, workers ?? usualWorkers(name, machine, null)));
          },
          onBegin: () => Promise.resolve(),
          onContinued: (run, step) => {
            const { name, seed } = cellOf(run);
            onContinued(name, seed, step);
          },
          onProgress: (progress) => (secondsLeft = progress.secondsLeft),
          onEnd: async ({ run }, how, isStored) => {
            // Without a place for its results the experiment need not go on.
            await end(run, how, isStored).catch((error: unknown) => {
              pool.close();
              reject(error instanceof Error ? error : new Error(String(error)));
            });
          },
          onLatencies: (network, latencies) => {
            results = withLatencies(results, (place) => due[place]!.recipe, network, latencies);
            ended = withLatencies(ended, (place) => recipeOf(ended[place]!), network, latencies);
            return Promise.resolve();
          },
          onDone: resolve,
        },
      );
    });
  storage?.close();
  return [...ended, ...results.filter((result) => result !== null)];
}

/**
 * A cell for the script: a line of JSON with all but its metrics, and its metrics as they are. A blob, because of other
 * bodies of requests the browser tells its driver every byte, as text.
 */
export function cellMessage({ metrics, ...cell }: CellFile): Blob {
  return new Blob([`${JSON.stringify(cell)}\n`, ...(metrics ? [metrics] : [])]);
}

/** A run that cannot be removed only takes up room. */
async function forget(storage: Storage, run: RunId): Promise<void> {
  await purgeRun(storage, run).catch(() => undefined);
}
