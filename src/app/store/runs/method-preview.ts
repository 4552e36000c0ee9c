/** Method views of a run whose steps rest, with the knobs as they stand on the page. */
import type { MethodView } from '../../../distill/views';
import type { RunId } from '../../../worker/training-protocol';
import type { RunsSlice } from './runs-store';

export interface MethodPreviewSlice {
  /** They stand in place of what the run itself has reported last, until it reports anew. */
  preview: { run: RunId; views: MethodView[] } | null;
  /** Works the views of the run at hand out with the knobs of the recipe, where no step of it runs. */
  previewViews: () => Promise<void>;
  /** A run has reported views of its own. */
  endPreview: (run: RunId) => void;
}

export const methodPreviewSlice: RunsSlice<MethodPreviewSlice> = ({ view, library, recipe, training }) => {
  /** A knob that is dragged turns faster than the views are worked out: of those waiting only the last is asked for. */
  let asking = false;
  let again = false;
  return (set, get) => ({
    preview: null,
    previewViews: async () => {
      const { active, runs } = library.getState();
      const run = runs.find(({ id }) => id === (active ?? view.getState().viewed));
      if (!run || run.elsewhere || run.state === 'running' || run.state === 'preparing') return;
      again = asking;
      if (asking) return;
      asking = true;
      const { hints } = recipe.getState().recipe;
      const views = await training.call('views', { run: run.id, hints }).catch(() => null);
      asking = false;
      if (again) return get().previewViews();
      const now = library.getState().runs.find(({ id }) => id === run.id);
      // Meanwhile it may have gone on, with views of its own to come.
      if (views && now?.state === run.state) set({ preview: { run: run.id, views } });
    },
    endPreview: (run) => {
      if (get().preview?.run === run) set({ preview: null });
    },
  });
};
