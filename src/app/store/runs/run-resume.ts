/** Runs that go on: resumed, begun again, or taken up from the storage when the page opens. */
import { openDataset } from '../../../storage/datasets';
import { WorkerGone } from '../../../worker/rpc';
import type { RunId, TrainingEvent } from '../../../worker/training-protocol';
import { sentenceOf } from '../../../limits/texts';
import { placeText } from '../library/library-store';
import type { RunsSlice } from './runs-store';

export interface RunResumeSlice {
  /** Opens what the browser keeps: runs, what can be undone, data sets and sorted pictures. */
  openStorage: () => Promise<void>;
  /** Continues a run that was interrupted or stopped; `kept`: path of a checkpoint to continue from. */
  continueRun: (id: RunId, kept?: string) => void;
  /** Keeps a checkpoint of the run in progress until the run is deleted. */
  keepState: () => void;
  /** Starts the recipe of a run anew. A run without checkpoint and result is deleted. */
  beginAgain: (id: RunId) => Promise<void>;
  /** Takes a run's recipe for the next run, with its images if they are stored. */
  takeRecipe: (id: RunId) => Promise<void>;
  /** Says that a run was interrupted, and offers to continue it. */
  offerResume: (id: RunId) => void;
  takeContinued: (message: Extract<TrainingEvent, { type: 'continued' }>) => Promise<void>;
  takeStorage: (message: Extract<TrainingEvent, { type: 'storage' }>) => void;
}

export const runResumeSlice: RunsSlice<RunResumeSlice> =
  ({ view, library, recipe, data, training }) =>
  (_set, get) => {
    /** The storage fault that was last reported. */
    let reported: string | null = null;
    const entryOf = (id: RunId) => library.getState().runs.find((run) => run.id === id);

    return {
      openStorage: async () => {
        if (!(await library.getState().open())) return;
        const interrupted = library
          .getState()
          .runs.findLast(({ state, experiment }) => state === 'interrupted' && experiment === null);
        if (interrupted) get().offerResume(interrupted.id);
        await get().readExperiments(true);
        await library.getState().offerUndo();
        await library.getState().tidy();
        await data.getState().restoreSets();
        await library.getState().measureUsage();
      },

      keepState: () => {
        const { active } = library.getState();
        if (!active) return;
        training.tell({ type: 'keep', run: active });
        view.getState().announce('The state of the run is kept.');
      },
      continueRun: (id, kept) => {
        const entry = entryOf(id);
        const { active, updateRun, setActive, viewRun } = library.getState();
        if (!entry || active || entry.elsewhere) return;
        updateRun(id, { state: 'preparing', final: null });
        setActive(id);
        view.getState().settle(id);
        viewRun(id);
        view.getState().announce(`Run ${entry.number} goes on.`);
        training.call('continue', { run: id, ...(kept ? { kept } : {}) }).catch((error: unknown) => {
          // A crash is reported as the run's end.
          if (error instanceof WorkerGone) return;
          updateRun(id, { state: 'interrupted' });
          setActive(null);
          view.getState().notify({
            tone: 'warning',
            title: `Run ${entryOf(id)?.number} cannot go on`,
            text: sentenceOf(error),
            run: id,
          });
        });
      },

      beginAgain: async (id) => {
        const entry = entryOf(id);
        if (!entry || library.getState().active || entry.elsewhere) return;
        await get().takeRecipe(id);
        view.getState().settle(id);
        get().start();
        if (library.getState().active && entry.saved === null && entry.final === null)
          library.getState().discard(id);
      },

      takeRecipe: async (id) => {
        const entry = entryOf(id);
        if (!entry) return;
        const { dataset } = entry;
        if (dataset?.kind === 'stored')
          await library.getState().withStorage('The data of this run could not be read', async (from) => {
            data.getState().setUpload(await openDataset(from, dataset.hash), dataset.hash);
          });
        recipe.getState().setRecipe(entry.recipe);
        library.getState().viewRun(id);
      },

      offerResume: (id) => {
        const entry = entryOf(id);
        if (!entry) return;
        const { number, name, saved } = entry;
        view.getState().notify({
          tone: 'info',
          title: `Run ${number} was interrupted`,
          text: saved
            ? `“${name}” is saved up to ${placeText(saved)}. It goes on from there with the numbers it would have had.`
            : `“${name}” was interrupted before its first save. Its recipe is kept, so it can begin again.`,
          run: id,
          action: saved
            ? { label: 'Resume', act: () => get().continueRun(id) }
            : { label: 'Begin again', act: () => void get().beginAgain(id) },
        });
      },

      takeContinued: async ({ run: id, recipe: continued, chunks }) => {
        recipe.getState().followRun(continued);
        await get().afterStored(id, () => library.getState().rebuildRecord(id, chunks));
      },
      takeStorage: ({ run, saved, fault }) => {
        const { updateRun, storeRun, measureUsage, reread } = library.getState();
        if (saved) {
          const first = entryOf(run)?.saved === null;
          updateRun(run, { saved });
          if (first) void measureUsage();
        }
        // There was no room for the label before. Without it nothing that is saved of the run would be found.
        const entry = entryOf(run);
        if (!fault && entry && !entry.stored) void storeRun(entry);
        if (fault && fault.text !== reported)
          view.getState().notify({
            tone: 'warning',
            title: `Run ${entryOf(run)?.number} is not being saved`,
            text: `${fault.text} Training goes on.`,
            run,
          });
        // The end of a run for which there was no room before.
        if (!fault && library.getState().active !== run) void reread(run);
        if (!fault && reported) {
          view.getState().settle(run);
          view.getState().announce('The run is being saved again.');
          const { upload, uploadHash, keepSet } = data.getState();
          if (upload && uploadHash === null) void keepSet(upload);
        }
        reported = fault?.text ?? null;
        if (fault?.kind === 'lost') void data.getState().rescueSet();
      },
    };
  };
