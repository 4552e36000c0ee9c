import { createStore, type StoreApi } from 'zustand';
import type { RunEvent } from '../../training/events';
import type { TrainingEvent } from '../../worker/training-protocol';
import type { ExportPort, ImportPort, Ports } from '../ports';
import { type RunRecord } from '../../record/run-record';
import { Ticker } from '../redraw/ticker';
import { dataSlice } from './data';
import { deviceSlice } from './device';
import { exportsSlice } from './exports';
import { factsSlice } from './facts';
import { areOtherSets, savedDatasetsSlice } from './data/saved-datasets';
import { noticesSlice } from './notices';
import { previewSlice } from './preview';
import { questionSlice } from './question';
import { recipeSlice } from './recipe';
import { runFilesSlice } from './run-files';
import { runsSlice } from './runs';
import type { AppState, Services } from './state';
import { runLibrarySlice } from './library/run-library';
import { studySlice } from './study';
import { undoSlice } from './library/undo';
import { importedTeacherSlice } from './data/imported-teacher';
import { viewSlice } from './view';

/** One open page: the state, the workers, and the numbers of all runs. */
export interface Session {
  store: StoreApi<AppState>;
  services: Services;
  dispose: () => void;
}

export function createSession(ports: Ports): Session {
  let imports: ImportPort | null = null;
  let exports: ExportPort | null = null;
  const services: Services = {
    training: ports.training((event) => take(store.getState(), event)),
    imports: () => (imports ??= ports.imports()),
    exports: () => (exports ??= ports.exports()),
    histories: new Map<string, RunRecord>(),
    arriving: new Map<string, RunEvent[]>(),
    storage: ports.storage ?? null,
    ticker: new Ticker(),
  };
  const store = createStore<AppState>()((...api) => ({
    ...recipeSlice(services)(...api),
    ...runsSlice(services)(...api),
    ...runLibrarySlice(services)(...api),
    ...undoSlice(services)(...api),
    ...runFilesSlice(services)(...api),
    ...deviceSlice(services)(...api),
    ...dataSlice(services)(...api),
    ...exportsSlice(services)(...api),
    ...factsSlice(services)(...api),
    ...savedDatasetsSlice(services)(...api),
    ...noticesSlice(services)(...api),
    ...previewSlice(services)(...api),
    ...questionSlice(services)(...api),
    ...studySlice(services)(...api),
    ...importedTeacherSlice(services)(...api),
    ...viewSlice(services)(...api),
  }));
  store.subscribe((state, before) => {
    if (areOtherSets(state, before)) state.claimSets();
    if (state.recipe.hints !== before.recipe.hints) void state.previewViews();
  });
  return {
    store,
    services,
    dispose: () => {
      services.training.dispose();
      imports?.dispose();
      exports?.dispose();
    },
  };
}

function take(state: AppState, event: TrainingEvent): void {
  switch (event.type) {
    case 'events':
      return state.takeEvents(event.run, event.events);
    case 'state':
      return state.takeState(event.run, event.state);
    case 'continued':
      return void state.takeContinued(event);
    case 'storage':
      return state.takeStorage(event);
    case 'backend':
      return state.takeBackend(event.choice);
  }
}
