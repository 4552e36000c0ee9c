import { runsOf, type Study } from '../../distill/study/study';
import type { StudyResult } from '../../distill/study/table';
import type { Slice } from './state';

/** A study of this session: its runs are carried out one after another, beside whatever else the page does. */
export interface StudyProgress {
  study: Study;
  total: number;
  results: StudyResult[];
  /** What is being trained now, null once it is over. */
  current: { name: string; seed: number } | null;
}

export interface StudySlice {
  study: StudyProgress | null;
  startStudy: (study: Study) => void;
  /** Breaks off the run under way; what is done stays in the table. */
  stopStudy: () => void;
  clearStudy: () => void;
}

export const studySlice: Slice<StudySlice> = () => (set, get) => {
  let stop: (() => void) | null = null;

  const change = (changes: Partial<StudyProgress>) =>
    set(({ study }) => (study ? { study: { ...study, ...changes } } : {}));

  async function carryOutAll(study: Study): Promise<void> {
    const { carryOut } = await import('../../worker/study-run');
    const { upload, backend } = get();
    let stopped = false;
    for (const run of runsOf(study)) {
      change({ current: { name: study.entries[run.entry]!.name, seed: run.seed } });
      const dataset = run.recipe.material.dataset === 'upload' ? upload : null;
      const { result, abort } = carryOut(run, dataset, backend?.name ?? null);
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
    get().announce(stopped ? 'Study stopped.' : 'Study finished.');
  }

  return {
    study: null,
    startStudy: (study) => {
      if (get().study?.current) return;
      set({
        study: { study, total: runsOf(study).length, results: [], current: { name: '', seed: 0 } },
      });
      void carryOutAll(study);
    },
    stopStudy: () => stop?.(),
    clearStudy: () => {
      if (!get().study?.current) set({ study: null });
    },
  };
};
