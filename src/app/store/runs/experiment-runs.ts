import type { Experiment } from '../../../experiment/experiment';
import type { CellResult } from '../../../experiment/table';
import { ownRefOf } from '../../../storage/set-handle';
import { count } from '../../format';
import type { RunsSlice } from './runs-store';

/** An experiment of this session: its runs are carried out one after another, beside whatever else the page does. */
export interface ExperimentProgress {
  experiment: Experiment;
  total: number;
  results: CellResult[];
  /** How many of the results are in a file of the user. */
  saved: number;
  /** What is being trained now, null once it is over. */
  current: { name: string; seed: number } | null;
}

export interface ExperimentRunsSlice {
  experiment: ExperimentProgress | null;
  startExperiment: (experiment: Experiment) => void;
  /** Breaks off the run under way; what is done stays in the table. */
  stopExperiment: () => void;
  /** Saves the results so far: one line per run, or the table. */
  saveExperiment: (form: 'csv' | 'markdown') => Promise<void>;
  /** Makes room for another experiment; results that are in no file are asked for first. */
  clearExperiment: () => void;
}

/** Whether results of the experiment are in no file yet. */
export function isExperimentUnsaved(experiment: ExperimentProgress | null): boolean {
  return experiment !== null && experiment.results.length > experiment.saved;
}

export const experimentRunsSlice: RunsSlice<ExperimentRunsSlice> =
  ({ view, data }) =>
  (set, get) => {
    let stop: (() => void) | null = null;

    const change = (changes: Partial<ExperimentProgress>) =>
      set(({ experiment }) => (experiment ? { experiment: { ...experiment, ...changes } } : {}));

    async function carryOutAll(experiment: Experiment): Promise<void> {
      const { carryOut } = await import('../../../worker/cell-run');
      const { cellsOf } = await import('../../../experiment/experiment');
      const { backend } = get();
      let stopped = false;
      for (const run of cellsOf(experiment)) {
        change({ current: { name: experiment.entries[run.entry]!.name, seed: run.seed } });
        const own = run.recipe.material.dataset === 'upload' && data.getState().studied;
        const { result, abort } = carryOut(run, own ? ownRefOf(own) : null, backend?.name ?? null);
        stop = () => {
          stopped = true;
          abort();
        };
        const ended = await result;
        if (stopped) break;
        change({ results: [...(get().experiment?.results ?? []), ended] });
      }
      stop = null;
      change({ current: null });
      data.getState().releaseStudied();
      view.getState().announce(stopped ? 'Experiment stopped.' : 'Experiment finished.');
    }

    return {
      experiment: null,
      startExperiment: (experiment) => {
        if (get().experiment?.current) return;
        data.getState().holdStudied();
        set({
          experiment: {
            experiment,
            total: experiment.entries.length * experiment.seeds.length,
            results: [],
            saved: 0,
            current: { name: '', seed: 0 },
          },
        });
        void carryOutAll(experiment);
      },
      stopExperiment: () => stop?.(),
      saveExperiment: async (form) => {
        const progress = get().experiment;
        if (!progress) return;
        const { experiment, results } = progress;
        const { downloadExperiment } = await import('../../experiment/experiment-files');
        downloadExperiment(form, experiment, results);
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
