import type { Study } from '../../../experiment/study';
import type { StudyResult } from '../../../experiment/table';
import { ownRefOf } from '../../../storage/set-handle';
import { count } from '../../format';
import type { RunsSlice } from './runs-store';

/** A study of this session: its runs are carried out one after another, beside whatever else the page does. */
export interface StudyProgress {
  study: Study;
  total: number;
  results: StudyResult[];
  /** How many of the results are in a file of the user. */
  saved: number;
  /** What is being trained now, null once it is over. */
  current: { name: string; seed: number } | null;
}

export interface StudyRunsSlice {
  study: StudyProgress | null;
  startStudy: (study: Study) => void;
  /** Breaks off the run under way; what is done stays in the table. */
  stopStudy: () => void;
  /** Saves the results so far: one line per run, or the table. */
  saveStudy: (form: 'csv' | 'markdown') => Promise<void>;
  /** Makes room for another study; results that are in no file are asked for first. */
  clearStudy: () => void;
}

/** Whether results of the experiment are in no file yet. */
export function isStudyUnsaved(study: StudyProgress | null): boolean {
  return study !== null && study.results.length > study.saved;
}

export const studyRunsSlice: RunsSlice<StudyRunsSlice> =
  ({ view, data }) =>
  (set, get) => {
    let stop: (() => void) | null = null;

    const change = (changes: Partial<StudyProgress>) =>
      set(({ study }) => (study ? { study: { ...study, ...changes } } : {}));

    async function carryOutAll(study: Study): Promise<void> {
      const { carryOut } = await import('../../../worker/study-run');
      const { runsOf } = await import('../../../experiment/study');
      const { backend } = get();
      let stopped = false;
      for (const run of runsOf(study)) {
        change({ current: { name: study.entries[run.entry]!.name, seed: run.seed } });
        const own = run.recipe.material.dataset === 'upload' && data.getState().studied;
        const { result, abort } = carryOut(run, own ? ownRefOf(own) : null, backend?.name ?? null);
        stop = () => {
          stopped = true;
          abort();
        };
        const ended = await result;
        if (stopped) break;
        change({ results: [...(get().study?.results ?? []), ended] });
      }
      stop = null;
      change({ current: null });
      data.getState().releaseStudied();
      view.getState().announce(stopped ? 'Experiment stopped.' : 'Experiment finished.');
    }

    return {
      study: null,
      startStudy: (study) => {
        if (get().study?.current) return;
        data.getState().holdStudied();
        set({
          study: {
            study,
            total: study.entries.length * study.seeds.length,
            results: [],
            saved: 0,
            current: { name: '', seed: 0 },
          },
        });
        void carryOutAll(study);
      },
      stopStudy: () => stop?.(),
      saveStudy: async (form) => {
        const progress = get().study;
        if (!progress) return;
        const { study, results } = progress;
        const { downloadStudy } = await import('../../study/study-files');
        downloadStudy(form, study, results);
        // Another one may have taken its place.
        if (get().study?.study === study) change({ saved: results.length });
      },
      clearStudy: () => {
        if (get().study?.current) return;
        const clear = () => set({ study: null });
        if (!isStudyUnsaved(get().study)) return clear();
        const { results, saved } = get().study!;
        view.getState().ask({
          title: 'Save the experiment first?',
          text: `${count(results.length - saved)} of its results are in no file yet. A new experiment takes the place of this one.`,
          choices: [
            {
              label: 'Save the runs as CSV',
              act: () => {
                void get().saveStudy('csv').then(clear);
              },
            },
            { label: 'Delete them', act: clear },
          ],
        });
      },
    };
  };
