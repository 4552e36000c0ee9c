/** The experiment that is open, and how this page carries it out. */
import type { Experiment } from '../../../experiment/experiment';
import type { CellResult } from '../../../experiment/table';
import { mostWorkers, usualWorkers } from '../../../experiment/workers';
import type { StoredExperiment } from '../../../storage/schema';
import type { CellPool, CellProgress } from '../../../worker/pool';
import type { RunId } from '../../../worker/training-protocol';
import { count } from '../../format';
import type { ExperimentWish } from '../view/view-store';
import type { RunsSlice } from './runs-store';

/** The experiment that is open. */
export interface ExperimentProgress {
  /** As it is stored. */
  row: StoredExperiment;
  experiment: Experiment;
  total: number;
  results: CellResult[];
  /** Id of the score that table, pictures and files are about; null for the task's first one. */
  score: string | null;
  /** How many of the results are in a file of the user. */
  saved: number;
  /** In the browser's storage. */
  stored: boolean;
  /** Another tab carries it out. */
  elsewhere: boolean;
  /** What this page began last, null where it trains nothing. */
  current: { name: string; seed: number } | null;
  /** By run, of the cells that this page trains. */
  running: ReadonlyMap<RunId, CellProgress>;
  secondsLeft: number | null;
}

export interface ExperimentRunsSlice {
  experiment: ExperimentProgress | null;
  /** Workers that were asked for; null for the usual number. */
  workersAsked: number | null;
  /** Workers of the experiment under way, or of the next one, and the most that may be asked for. */
  workers: () => { now: number; most: number };
  setWorkers: (workers: number) => void;
  /** Opens the form of a new experiment; one under way is shown instead. */
  planExperiment: (wish: ExperimentWish) => void;
  /**
   * Opens an experiment from a file that was saved here or written by hand, without starting it.
   * @returns why it cannot be read, in sentences; empty where it can
   */
  openExperimentFile: (file: File) => Promise<string[]>;
  /** Opens an experiment and carries it out. @param file as `readExperiment` takes it */
  startExperiment: (file: unknown) => Promise<void>;
  pauseExperiment: () => void;
  resumeExperiment: () => void;
  /** Breaks off the runs under way; each can go on from its last checkpoint. */
  stopExperiment: () => void;
  /** Goes on with the open experiment: with its cells under way, then with those that were not begun. */
  continueExperiment: () => Promise<void>;
  /** Trains the runs of the open experiment that failed again, each from its last checkpoint, and those that are left. */
  retryExperiment: () => Promise<void>;
  /** Shows an experiment. @returns false where its file cannot be read, which is said */
  showExperiment: (row: StoredExperiment, is: { stored: boolean; elsewhere: boolean }) => Promise<boolean>;
  chooseScore: (score: string) => void;
  /** Saves the results so far (one line per run, or the table), or the experiment's file. */
  saveExperiment: (form: 'csv' | 'markdown' | 'file') => Promise<void>;
  /** Leaves the open experiment; results that are stored nowhere are asked for first. */
  clearExperiment: () => void;
}

/** Whether results of the experiment are kept nowhere yet. */
export function isExperimentUnsaved(experiment: ExperimentProgress | null): boolean {
  return experiment !== null && !experiment.stored && experiment.results.length > experiment.saved;
}

export const experimentRunsSlice: RunsSlice<ExperimentRunsSlice> =
  ({ view, library, data, storage }) =>
  (set, get) => {
    let pool: CellPool | null = null;
    /** Gives up the right to carry the experiment out. */
    let release: () => void = () => undefined;

    const change = (changes: Partial<ExperimentProgress>) =>
      set(({ experiment }) => (experiment ? { experiment: { ...experiment, ...changes } } : {}));
    const changeRow = (changes: Partial<StoredExperiment>) => {
      const { experiment } = get();
      if (experiment) change({ row: { ...experiment.row, ...changes } });
    };
    const keeps = () => storage !== null && library.getState().keeping !== false;

    /** A new experiment without results. @returns null where the file cannot be read */
    const newRow = async (file: unknown): Promise<StoredExperiment | null> => {
      const { cellsOf, readExperiment } = await import('../../../experiment/experiment');
      const { experiment } = readExperiment(file);
      if (!experiment) return null;
      const isOwn = experiment.entries.some(({ recipe }) => recipe.material.dataset === 'upload');
      return {
        id: newExperimentId(),
        name: experiment.title,
        file,
        dataset: isOwn ? data.getState().uploadHash : null,
        createdAt: Date.now(),
        state: 'stopped',
        cells: cellsOf(experiment).map(({ entry, seed }) => ({ entry, seed, run: null, result: null })),
      };
    };

    const finish = (state: StoredExperiment['state'], text: string) => {
      if (!get().experiment?.current) return;
      pool?.close();
      pool = null;
      changeRow({ state });
      change({ current: null, running: new Map(), secondsLeft: null });
      data.getState().releaseStudied();
      view.getState().announce(text);
      void get().storeExperiment().then(release);
    };

    const carryOut = async () => {
      const { experiment } = get();
      if (!experiment || experiment.current) return;
      change({ current: { name: '', seed: 0 } });
      const give = experiment.stored ? await get().holdExperiment(experiment.row.id) : () => undefined;
      if (!give) return change({ current: null, elsewhere: true });
      release = give;
      changeRow({ state: 'running' });
      change({ elsewhere: false });
      data.getState().holdStudied();
      await get().storeExperiment();
      const { poolOf } = await import('./experiment-cells');
      const made = await poolOf(experiment, {
        workers: get().workers().now,
        backend: get().backend?.name ?? null,
        library,
        data,
        onBegin: (name, seed, cells) => {
          change({ current: { name, seed } });
          changeRow({ cells });
          return get().storeExperiment();
        },
        onEnd: (cells, results) => {
          changeRow({ cells });
          change({ results });
          return get().storeExperiment();
        },
        onProgress: ({ running, secondsLeft }) => change({ running, secondsLeft }),
        onDone: () => finish('ended', 'Experiment finished.'),
      });
      // It may have been stopped while it was prepared.
      if (get().experiment?.current) pool = made;
      else made.close();
    };

    return {
      experiment: null,
      workersAsked: null,
      workers: () => {
        const { backend, facts, workersAsked } = get();
        const machine = {
          cores: navigator.hardwareConcurrency,
          // Only some browsers say, in GB and 8 at most.
          memory: 1e9 * ((navigator as { deviceMemory?: number }).deviceMemory ?? 4),
        };
        const most = mostWorkers(backend?.name ?? null, machine);
        return {
          now: Math.min(most, workersAsked ?? usualWorkers(backend?.name ?? null, machine, facts)),
          most,
        };
      },
      setWorkers: (workers) => {
        set({ workersAsked: workers });
        pool?.setWorkers(get().workers().now);
      },
      planExperiment: (wish) => {
        get().clearExperiment();
        view.getState().set({ panel: 'experiment', recipeOpen: false, experimentWish: wish });
      },
      openExperimentFile: async (file) => {
        if (get().experiment?.current) return ['An experiment is under way. Stop it first.'];
        const { readExperimentFile } = await import('../../experiment/experiment-files');
        const read = await readExperimentFile(file);
        if ('problems' in read) return read.problems;
        const row = await newRow(read.content);
        if (row && read.cells) Object.assign(row, { cells: read.cells, state: 'ended' });
        if (row && (await get().showExperiment(row, { stored: keeps(), elsewhere: false })))
          await get().storeExperiment();
        return [];
      },
      startExperiment: async (file) => {
        if (get().experiment?.current) return;
        const row = await newRow(file);
        if (row && (await get().showExperiment(row, { stored: keeps(), elsewhere: false }))) await carryOut();
      },
      pauseExperiment: () => {
        if (!pool) return;
        pool.pause();
        changeRow({ state: 'paused' });
        void get().storeExperiment();
      },
      resumeExperiment: () => {
        if (!pool) return;
        changeRow({ state: 'running' });
        pool.resume();
        void get().storeExperiment();
      },
      stopExperiment: () => finish('stopped', 'Experiment stopped.'),
      continueExperiment: carryOut,
      retryExperiment: async () => {
        const { experiment } = get();
        if (!experiment || experiment.current || experiment.elsewhere) return;
        const hasFailed = (result: unknown) => (result as CellResult | null)?.failure != null;
        changeRow({
          cells: experiment.row.cells.map((cell) =>
            hasFailed(cell.result) ? { ...cell, result: null } : cell,
          ),
        });
        change({ results: experiment.results.filter((result) => !hasFailed(result)) });
        await carryOut();
      },
      showExperiment: async (row, { stored, elsewhere }) => {
        const { readExperiment } = await import('../../../experiment/experiment');
        const { experiment, problems } = readExperiment(row.file);
        if (!experiment) {
          view.getState().notify({
            tone: 'warning',
            title: `The experiment “${row.name}” cannot be read`,
            text: problems.map(({ message }) => message).join(' '),
          });
          return false;
        }
        set({
          experiment: {
            row,
            experiment,
            total: row.cells.length,
            results: row.cells.flatMap(({ result }) => (result ? [result as CellResult] : [])),
            score: null,
            saved: 0,
            stored,
            elsewhere,
            current: null,
            running: new Map(),
            secondsLeft: null,
          },
        });
        return true;
      },
      chooseScore: (score) => change({ score }),
      saveExperiment: async (form) => {
        const progress = get().experiment;
        if (!progress) return;
        const { row, experiment, results, score } = progress;
        const { downloadExperiment, downloadExperimentFile } =
          await import('../../experiment/experiment-files');
        if (form === 'file') return downloadExperimentFile(row.name, row.file);
        downloadExperiment(form, experiment, results, score);
        // Another one may have taken its place.
        if (get().experiment?.experiment === experiment) change({ saved: results.length });
      },
      clearExperiment: () => {
        if (get().experiment?.current) return;
        const clear = () => set({ experiment: null });
        if (!isExperimentUnsaved(get().experiment)) return clear();
        const { results, saved } = get().experiment!;
        view.getState().ask({
          title: 'Save the experiment first?',
          text: `${count(results.length - saved)} of its results are in no file yet. A new experiment takes the place of this one.`,
          choices: [
            {
              label: 'Save the runs as CSV',
              act: () => {
                void get().saveExperiment('csv').then(clear);
              },
            },
            { label: 'Delete them', act: clear },
          ],
        });
      },
    };
  };

/** Unique over all tabs and visits. */
export function newExperimentId(): string {
  return crypto.randomUUID();
}
