/** The run in progress, its device and cost, and experiments. Uses all other stores. */
import { createStore, type StateCreator, type StoreApi } from 'zustand';
import type { DataState } from '../data/data-store';
import type { LibraryState } from '../library/library-store';
import type { RecipeState } from '../recipe/recipe-store';
import type { Reader, Services } from '../services';
import type { ViewState } from '../view/view-store';
import { deviceSlice, type DeviceSlice } from './device';
import { experimentListSlice, type ExperimentListSlice } from './experiment-list';
import { latencySlice, type LatencySlice } from './latency';
import { methodPreviewSlice, type MethodPreviewSlice } from './method-preview';
import { recipeFactsSlice, type RecipeFactsSlice } from './recipe-facts';
import { runControlSlice, type RunControlSlice } from './run-control';
import { runResumeSlice, type RunResumeSlice } from './run-resume';
import { experimentRunsSlice, type ExperimentRunsSlice } from './experiment-runs';

export { isExperimentUnsaved, type ExperimentProgress } from './experiment-runs';
export type { ExperimentSummary } from './experiment-list';

export type RunsState = RunControlSlice &
  RunResumeSlice &
  DeviceSlice &
  RecipeFactsSlice &
  MethodPreviewSlice &
  LatencySlice &
  ExperimentRunsSlice &
  ExperimentListSlice;

export interface RunsContext extends Services {
  view: Reader<ViewState>;
  library: Reader<LibraryState>;
  recipe: Reader<RecipeState>;
  data: Reader<DataState>;
}

export type RunsSlice<S> = (context: RunsContext) => StateCreator<RunsState, [], [], S>;

export function createRunsStore(context: RunsContext): StoreApi<RunsState> {
  const store = createStore<RunsState>()((...api) => ({
    ...runControlSlice(context)(...api),
    ...runResumeSlice(context)(...api),
    ...deviceSlice(context)(...api),
    ...recipeFactsSlice(context)(...api),
    ...methodPreviewSlice(context)(...api),
    ...latencySlice(context)(...api),
    ...experimentRunsSlice(context)(...api),
    ...experimentListSlice(context)(...api),
  }));
  context.recipe.subscribe((state, before) => {
    if (state.recipe.hints !== before.recipe.hints) void store.getState().previewViews();
  });
  context.library.subscribe(({ experimentNews }, before) => {
    if (experimentNews && experimentNews !== before.experimentNews)
      void store.getState().followExperiment(experimentNews.id);
  });
  return store;
}
