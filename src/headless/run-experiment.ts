/** Carries out the cells of an experiment in the pool of workers that the visible page uses. */
import { usualWorkers } from '../experiment/workers';
import type { CellResult } from '../experiment/table';
import { teacherKey } from '../distill/teachers/teacher-key';
import type { BackendName } from '../engine/backend-names';
import { metricsOf, type Metrics } from '../record/run-metrics';
import { RunRecord } from '../record/run-record';
import { failureOf, networkKey, resultOf, withLatencies } from '../worker/cell-run';
import { CellPool } from '../worker/pool';
import { experimentCells } from './experiment-commands';

export interface ExperimentOrder {
  /** As `readExperiment` takes it. */
  experiment: unknown;
  /** Cells that are done. */
  done: { entry: number; seed: number }[];
  backend: BackendName | null;
  /** Null for the usual number. */
  workers: number | null;
  /** Of each worker, on WebAssembly; 1 where it is left out. */
  threads?: number | undefined;
}

/** A cell that is over. */
export interface CellFile {
  result: CellResult;
  /** Null for a cell that failed. */
  metrics: Metrics | null;
  secondsLeft: number | null;
}

/**
 * @param hand takes each cell as it ends
 * @returns the results of these cells, with latencies
 */
export function runExperiment(
  { experiment, done, backend, workers, threads = 1 }: ExperimentOrder,
  hand: (cell: CellFile) => Promise<void>,
): Promise<CellResult[]> {
  const due = experimentCells(experiment).filter(
    ({ entry, seed }) => !done.some((other) => other.entry === entry && other.seed === seed),
  );
  if (due.length === 0) return Promise.resolve([]);
  let secondsLeft: number | null = null;
  let results: (CellResult | null)[] = due.map(() => null);
  return new Promise((resolve, reject) => {
    const pool = new CellPool(
      due.map(({ recipe }, place) => ({
        run: String(place),
        recipe,
        dataset: null,
        begun: false,
        teacher: teacherKey(recipe, { dataset: recipe.material.dataset, backend: '' }),
        network: networkKey(recipe),
      })),
      // The first worker says which backend there is.
      { workers: workers ?? 1, backend, threads, keep: false },
      {
        onBackend: (name) => {
          const machine = { cores: navigator.hardwareConcurrency, memory: Infinity };
          const most = Math.max(1, Math.floor(machine.cores / threads));
          pool.setWorkers(Math.min(most, workers ?? usualWorkers(name, machine, null)));
        },
        onBegin: () => Promise.resolve(),
        recordOf: (run) => Promise.resolve(new RunRecord(run, due[Number(run)]!.recipe)),
        onProgress: (progress) => (secondsLeft = progress.secondsLeft),
        onEnd: async ({ run }, end) => {
          const cell = due[Number(run)]!;
          const isWhole = end instanceof RunRecord;
          const result = isWhole ? resultOf(cell, end) : failureOf(cell, end.failure);
          const metrics = isWhole ? metricsOf(end, { name: cell.name, number: Number(run) + 1 }) : null;
          results[Number(run)] = result;
          // Without a place for its results the experiment need not go on.
          await hand({ result, metrics, secondsLeft }).catch((error: unknown) => {
            pool.close();
            reject(error instanceof Error ? error : new Error(String(error)));
          });
        },
        onLatencies: (network, latencies) => {
          results = withLatencies(results, (place) => due[place]!.recipe, network, latencies);
          return Promise.resolve();
        },
        onDone: () => resolve(results.filter((result) => result !== null)),
      },
    );
  });
}
