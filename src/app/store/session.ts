/**
 * The state of one open page: five stores, one for each feature. A store may use those above it, and none below:
 *
 *     view     what is shown and said: panels, selection, chart options, notices, questions
 *     library  the runs that the page knows and the browser's storage behind them (uses view)
 *     recipe   the recipe that Start will run (uses view, library)
 *     data     the user's own images and teachers (uses view, library, recipe)
 *     runs     the run in progress, its device and cost, experiments (uses all)
 *
 * A store gives others its state and its actions through FEATURE/FEATURE-store.ts. Others receive it as a `Reader`, so
 * that only its own actions set its state.
 */
import type { StoreApi } from 'zustand';
import type { RunRecord } from '../../record/run-record';
import type { RunId, TrainingEvent } from '../../worker/training-protocol';
import type { ExportPort, ImportPort, OnnxPort, Ports } from '../ports';
import { Ticker } from '../redraw/ticker';
import { createDataStore, type DataState } from './data/data-store';
import { createLibraryStore, type LibraryState } from './library/library-store';
import { createRecipeStore, type RecipeState } from './recipe/recipe-store';
import { createRunsStore, type RunsState } from './runs/runs-store';
import type { Services } from './services';
import { createViewStore, type ViewState } from './view/view-store';

export interface Session {
  view: StoreApi<ViewState>;
  library: StoreApi<LibraryState>;
  recipe: StoreApi<RecipeState>;
  data: StoreApi<DataState>;
  runs: StoreApi<RunsState>;
  services: Services;
  dispose: () => void;
}

export function createSession(ports: Ports): Session {
  let imports: ImportPort | null = null;
  let exports: ExportPort | null = null;
  let onnx: Promise<OnnxPort> | null = null;
  const services: Services = {
    training: ports.training((event) => take(runs.getState(), event)),
    imports: () => (imports ??= ports.imports()),
    exports: () => (exports ??= ports.exports()),
    onnx: () => (onnx ??= ports.onnx()),
    records: new Map<RunId, RunRecord>(),
    storage: ports.storage ?? null,
    ticker: new Ticker(),
  };
  const view = createViewStore(services);
  const library = createLibraryStore({ ...services, view });
  const recipe = createRecipeStore({ ...services, view, library });
  const data = createDataStore({ ...services, view, library, recipe });
  const runs = createRunsStore({ ...services, view, library, recipe, data });
  return {
    view,
    library,
    recipe,
    data,
    runs,
    services,
    dispose: () => {
      services.training.dispose();
      imports?.dispose();
      exports?.dispose();
      void onnx?.then((client) => client.dispose());
    },
  };
}

function take(runs: RunsState, event: TrainingEvent): void {
  switch (event.type) {
    case 'events':
      return runs.takeEvents(event.run, event.events);
    case 'state':
      return runs.takeState(event.run, event.state);
    case 'continued':
      return void runs.takeContinued(event);
    case 'storage':
      return runs.takeStorage(event);
    case 'backend':
      return runs.takeBackend(event.choice);
  }
}
